// For asio::async_write: everything in one write, as far as the kernel takes it.
//
// Asio's own condition gives the kernel at most 64 KiB at a time, which makes five system calls and
// five rounds through the loop of a request of 300 KB.
#pragma once

#include <boost/system/error_code.hpp>
#include <cstddef>
#include <cstdint>

namespace weir::net {

struct WriteWhole {
  size_t operator()(const boost::system::error_code& error, size_t) const {
    return error ? 0 : SIZE_MAX;
  }
};

}  // namespace weir::net
