// Loopback sockets for the programs of this folder.
#pragma once

#include <cstdint>

namespace weir::bench {

// A non-blocking listening socket on 127.0.0.1. Ends the process with a message when the port is
// taken.
int ListenOrDie(const char* program, uint16_t port);

// Takes one connection, non-blocking and without Nagle's delay; -1 when none waits.
int AcceptOne(int listener);

}  // namespace weir::bench
