# DbgHelp and the newer calls are looked up at run time.
