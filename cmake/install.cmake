# SPDX-License-Identifier: Apache-2.0
# `cmake --install build/release --prefix DIR`: the program, and what people read. Suites, schemas and scripts are inside the program.
include(GNUInstallDirs)
install(TARGETS patchlab RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS patchlab-sim RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT simulator EXCLUDE_FROM_ALL)
install(FILES README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs)
install(DIRECTORY labdefs/examples/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples/labs)
install(DIRECTORY orchestrator/rollout/examples/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples/rollouts)
# The service and the watch: units of systemd, and the group whose members may ask the service.
set(PATCHLAB_UNITS ${CMAKE_INSTALL_PREFIX}/lib/systemd/system CACHE PATH "where systemd finds units")
set(PATCHLAB_SYSUSERS ${CMAKE_INSTALL_PREFIX}/lib/sysusers.d CACHE PATH "where systemd-sysusers finds groups")
foreach(unit patchlab patchlab-watch patchlab-watch-once)
  configure_file(share/systemd/${unit}.service.in ${CMAKE_BINARY_DIR}/share/${unit}.service @ONLY)
  install(FILES ${CMAKE_BINARY_DIR}/share/${unit}.service DESTINATION ${PATCHLAB_UNITS})
endforeach()
install(FILES share/systemd/patchlab.socket share/systemd/patchlab-http.socket share/systemd/patchlab-proxy.socket
  share/systemd/patchlab-watch-once.timer DESTINATION ${PATCHLAB_UNITS})
install(FILES share/sysusers.d/patchlab.conf DESTINATION ${PATCHLAB_SYSUSERS})
install(DIRECTORY share/ansible DESTINATION ${CMAKE_INSTALL_DATADIR}/patchlab)
install(FILES share/alerts.yaml share/grafana-dashboard.json DESTINATION ${CMAKE_INSTALL_DATADIR}/patchlab)
