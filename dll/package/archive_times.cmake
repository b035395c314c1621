# cpack reads this first. The time of everything in an archive: 2 January 1980, the first day that a
# zip file can have wherever it is unpacked. It also has local times.
if(NOT DEFINED ENV{SOURCE_DATE_EPOCH})
    set(ENV{SOURCE_DATE_EPOCH} 315619200)
endif()
set(ENV{TZ} UTC)
