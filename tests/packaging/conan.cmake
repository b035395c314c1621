# Runs the recipe for Conan, by conan/run.py. Arguments: SOURCE, VERSION, GENERATOR, TOOLCHAIN, XXHASH
# (a header), PYTHON, WORK (a folder, in which `library/package` is what the recipe makes).
include(${CMAKE_CURRENT_LIST_DIR}/steps.cmake)

empty(${WORK})
set(ENV{PYTHONDONTWRITEBYTECODE} 1)
run(${PYTHON} ${CMAKE_CURRENT_LIST_DIR}/conan/run.py ${SOURCE} ${VERSION} ${GENERATOR} ${TOOLCHAIN}
    ${XXHASH} ${WORK})
