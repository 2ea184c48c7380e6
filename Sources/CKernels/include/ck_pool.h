// Threads that work on one thing together: fork and join in about a microsecond.
#pragma once
#include <stddef.h>
#include <stdint.h>

#if __has_feature(nullability)
#pragma clang assume_nonnull begin
#endif

typedef struct ck_pool ck_pool;

/// Called with every task from 0 to count − 1 once, on any thread; `worker` tells the threads apart, 0 being the caller's.
typedef void (*ck_task)(void *context, int64_t task, int worker);

/// A pool of `threads` threads, the caller's included: fewer where the system gives no more. `NULL` without memory.
ck_pool *_Nullable ck_pool_create(int threads);
/// Ends the threads. No work may be under way.
void ck_pool_destroy(ck_pool *pool);
int ck_pool_threads(const ck_pool *pool);

/// Does all tasks and returns when the last has ended. One caller at a time.
///
/// Threads take tasks one by one, so that one that the system has put aside delays no more than the task it has begun.
void ck_pool_run(ck_pool *pool, int64_t count, void *context, ck_task task);

/// Has another thread than the caller's call `task(context, 0, worker)` once, beside all that `ck_pool_run` is given meanwhile;
/// that thread joins in afterwards. A pool of one thread calls it at once. `ck_pool_settle` must follow.
void ck_pool_beside(ck_pool *pool, void *context, ck_task task);
/// Returns when what `ck_pool_beside` was given has been done.
void ck_pool_settle(ck_pool *pool);

/// Memory of one worker, at least `bytes` long and aligned to 64; contents are undefined. `NULL` without memory.
/// Workers −1 and −2 stand for memory that all share: a product keeps operand B in the former.
void *_Nullable ck_pool_scratch(ck_pool *pool, int worker, size_t bytes);

/// Processors that this process may use, ≥ 1.
int ck_processors(void);

/// `bytes` zeros, to be given back with `ck_release`; `NULL` without memory.
void *_Nullable ck_zeros(size_t bytes);
void ck_release(void *memory);
/// From now on what is freed stays with the process, where the C library can be told: a job that takes as much memory again
/// and again doesn't get its pages anew each time.
void ck_keep_freed(void);

#if __has_feature(nullability)
#pragma clang assume_nonnull end
#endif
