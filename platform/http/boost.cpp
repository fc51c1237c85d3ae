// SPDX-License-Identifier: Apache-2.0
//
// The code of Asio and Beast, compiled once (BOOST_ASIO_SEPARATE_COMPILATION and its twin).
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
