# SPDX-License-Identifier: Apache-2.0
# `cmake --install build/release --prefix DIR`: the program, and what people read. Suites, schemas and scripts are inside the program.
include(GNUInstallDirs)
install(TARGETS patchlab RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS patchlab-sim RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT simulator EXCLUDE_FROM_ALL)
install(FILES README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs)
install(DIRECTORY labdefs/examples/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples/labs)
install(DIRECTORY orchestrator/rollout/examples/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples/rollouts)
foreach(unit patchlab-watch patchlab-watch-once)
  configure_file(orchestrator/programs/systemd/${unit}.service.in ${CMAKE_BINARY_DIR}/systemd/${unit}.service @ONLY)
  install(FILES ${CMAKE_BINARY_DIR}/systemd/${unit}.service DESTINATION lib/systemd/system)
endforeach()
install(FILES orchestrator/programs/systemd/patchlab-watch-once.timer DESTINATION lib/systemd/system)
