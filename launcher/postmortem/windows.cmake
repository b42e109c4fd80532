# DbgHelp and the newer calls are looked up at run time.
target_sources(hb_postmortem PRIVATE
  windows/look.c windows/dead_dump.c windows/exit_dump.c windows/subject.c windows/opened.c windows/modules.c
  windows/taken.c windows/session.c windows/walk.c windows/words.c
  windows/locks.c windows/dump.c windows/snapshot.c windows/walk_dump.c
  windows/secrets.c windows/unwritten.c windows/dbghelp.c)
