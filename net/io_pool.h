// The threads of HTTP: one Asio loop each, so that a connection needs no lock.
//
// A connection is bound to one loop for its life. Callbacks run on the loop's thread and must not
// block (DESIGN §2); what waits is state and a timer. All servers and clients of a process share
// one pool.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>

namespace weir::net {

class IoPool {
 public:
  // At least 1 thread; none runs before Run().
  explicit IoPool(int threads);
  // Stops the loops and joins; nothing may use them any more.
  ~IoPool();
  IoPool(const IoPool&) = delete;
  IoPool& operator=(const IoPool&) = delete;

  // The process's pool, made for its first user and gone with its last: one thread per core.
  static std::shared_ptr<IoPool> Shared();

  // Starts the threads; more than once is once. Servers and clients do it when they start, so that
  // creating them (`weir validate`) starts nothing.
  void Run();

  // A loop for a new connection, in turn.
  boost::asio::io_context& Next();
  size_t size() const;
  boost::asio::io_context& loop(size_t index);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace weir::net
