# SPDX-License-Identifier: Apache-2.0
# `cmake --install build/release --prefix DIR`: the program, and what people read. Suites, schemas and scripts are inside the program.
include(GNUInstallDirs)
install(TARGETS patchlab RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS patchlab-sim RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT simulator EXCLUDE_FROM_ALL)
install(FILES README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs)
install(DIRECTORY labdefs/examples/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples/labs)
install(DIRECTORY orchestrator/rollout/examples/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples/rollouts)
install(FILES share/alerts.yaml share/grafana-dashboard.json DESTINATION ${CMAKE_INSTALL_DATADIR}/patchlab)
