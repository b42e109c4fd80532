# What reads processes and dumps. A system's own part stands in its folder.
if(HB_OS STREQUAL "linux")
  include(postmortem/linux/target.cmake)
  include(postmortem/linux/stacks.cmake)
endif()
if(HB_OS STREQUAL "windows")
  include(postmortem/windows/look.cmake)
endif()
