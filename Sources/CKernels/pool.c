#define _GNU_SOURCE
#include "ck_pool.h"

#if defined(__linux__)
#include <malloc.h>
#endif
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

// `state` is odd while a job is open: workers enter it, take tasks from `next`, and leave. The caller opens and closes.
// A worker counts itself into `inside` before it looks at `state` again, and the caller looks at `inside` after it has
// closed: one of the two sees the other, so nobody reads the fields of a job that is being changed.
//
// What goes on beside is taken by the first worker that looks, outside of jobs: a job never waits for it.
//
// A worker that the system has put aside in the middle of a task holds up everybody. After that the caller works alone for
// a while: for twice as many jobs each time that it happens again.
enum { SPINS = 6000, PATIENCE = 30000, LONGEST_ALONE = 4096 };

struct worker {
  ck_pool *pool;
  int index;
  pthread_t thread;
};

struct scratch {
  void *memory;
  size_t bytes;
};

struct ck_pool {
  int threads;
  struct worker *workers;
  // Two shared ones, then the workers'.
  struct scratch *scratch;
  ck_task task;
  void *context;
  int64_t count;
  ck_task beside;
  void *beside_context;
  // Jobs that the caller does alone from now on, and after the next hold-up.
  int alone, penalty;
  _Alignas(64) atomic_uint state;
  _Alignas(64) _Atomic int64_t next;
  _Alignas(64) atomic_int inside;
  atomic_int asleep;
  atomic_bool caller_asleep, stop;
  // Of `beside`: nobody has taken it; it isn't done.
  atomic_bool offered, pending;
  pthread_mutex_t mutex;
  pthread_cond_t opened, left, settled;
};

static inline void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static void take_tasks(ck_pool *pool, int worker) {
  for (;;) {
    int64_t task = atomic_fetch_add_explicit(&pool->next, 1, memory_order_relaxed);
    if (task >= pool->count) return;
    pool->task(pool->context, task, worker);
  }
}

static bool is_news(ck_pool *pool, unsigned seen) {
  unsigned state = atomic_load(&pool->state);
  return ((state & 1) && state != seen) || atomic_load(&pool->offered) || atomic_load(&pool->stop);
}

// Returns when there is a job that the worker has not been in, or the pool ends.
static void await_news(ck_pool *pool, unsigned seen) {
  for (int i = 0; i < SPINS; i++) {
    if (is_news(pool, seen)) return;
    pause_briefly();
  }
  pthread_mutex_lock(&pool->mutex);
  atomic_fetch_add(&pool->asleep, 1);
  while (!is_news(pool, seen)) pthread_cond_wait(&pool->opened, &pool->mutex);
  atomic_fetch_sub(&pool->asleep, 1);
  pthread_mutex_unlock(&pool->mutex);
}

static void work_beside(ck_pool *pool, int worker) {
  pool->beside(pool->beside_context, 0, worker);
  pthread_mutex_lock(&pool->mutex);
  atomic_store(&pool->pending, false);
  pthread_cond_signal(&pool->settled);
  pthread_mutex_unlock(&pool->mutex);
}

static void *work(void *argument) {
  struct worker *worker = argument;
  ck_pool *pool = worker->pool;
  unsigned seen = 0;
  for (;;) {
    await_news(pool, seen);
    if (atomic_load(&pool->stop)) return NULL;
    if (atomic_exchange(&pool->offered, false)) work_beside(pool, worker->index);
    atomic_fetch_add(&pool->inside, 1);
    unsigned state = atomic_load(&pool->state);
    if (state & 1) {
      seen = state;
      take_tasks(pool, worker->index);
    }
    if (atomic_fetch_sub(&pool->inside, 1) == 1 && atomic_load(&pool->caller_asleep)) {
      pthread_mutex_lock(&pool->mutex);
      pthread_cond_signal(&pool->left);
      pthread_mutex_unlock(&pool->mutex);
    }
  }
}

ck_pool *ck_pool_create(int threads) {
  if (threads < 1) threads = 1;
  ck_pool *pool = aligned_alloc(64, (sizeof *pool + 63) / 64 * 64);
  if (!pool) return NULL;
  *pool = (ck_pool){.threads = 1, .penalty = 16, .workers = calloc((size_t)threads, sizeof *pool->workers)};
  pool->scratch = calloc((size_t)threads + 2, sizeof *pool->scratch);
  if (!pool->workers || !pool->scratch) {
    free(pool->workers);
    free(pool->scratch);
    free(pool);
    return NULL;
  }
  pthread_mutex_init(&pool->mutex, NULL);
  pthread_cond_init(&pool->opened, NULL);
  pthread_cond_init(&pool->left, NULL);
  pthread_cond_init(&pool->settled, NULL);
  while (pool->threads < threads) {
    struct worker *worker = &pool->workers[pool->threads];
    *worker = (struct worker){.pool = pool, .index = pool->threads};
    if (pthread_create(&worker->thread, NULL, work, worker)) break;
    pool->threads++;
  }
  return pool;
}

void ck_pool_destroy(ck_pool *pool) {
  pthread_mutex_lock(&pool->mutex);
  atomic_store(&pool->stop, true);
  pthread_cond_broadcast(&pool->opened);
  pthread_mutex_unlock(&pool->mutex);
  for (int i = 1; i < pool->threads; i++) pthread_join(pool->workers[i].thread, NULL);
  for (int i = 0; i < pool->threads + 2; i++) free(pool->scratch[i].memory);
  pthread_cond_destroy(&pool->left);
  pthread_cond_destroy(&pool->settled);
  pthread_cond_destroy(&pool->opened);
  pthread_mutex_destroy(&pool->mutex);
  free(pool->scratch);
  free(pool->workers);
  free(pool);
}

int ck_pool_threads(const ck_pool *pool) { return pool->threads; }

static void await_workers(ck_pool *pool) {
  for (int i = 0; i < PATIENCE; i++) {
    if (atomic_load(&pool->inside) == 0) {
      pool->penalty -= pool->penalty > 16;
      return;
    }
    pause_briefly();
  }
  pool->alone = pool->penalty;
  pool->penalty = pool->penalty < LONGEST_ALONE ? 2 * pool->penalty : LONGEST_ALONE;
  pthread_mutex_lock(&pool->mutex);
  atomic_store(&pool->caller_asleep, true);
  while (atomic_load(&pool->inside) > 0) pthread_cond_wait(&pool->left, &pool->mutex);
  atomic_store(&pool->caller_asleep, false);
  pthread_mutex_unlock(&pool->mutex);
}

static void wake(ck_pool *pool) {
  if (atomic_load(&pool->asleep) == 0) return;
  pthread_mutex_lock(&pool->mutex);
  pthread_cond_broadcast(&pool->opened);
  pthread_mutex_unlock(&pool->mutex);
}

void ck_pool_beside(ck_pool *pool, void *context, ck_task task) {
  if (pool->threads == 1) return task(context, 0, 0);
  pool->beside = task;
  pool->beside_context = context;
  atomic_store(&pool->pending, true);
  atomic_store(&pool->offered, true);
  wake(pool);
}

void ck_pool_settle(ck_pool *pool) {
  pthread_mutex_lock(&pool->mutex);
  while (atomic_load(&pool->pending)) pthread_cond_wait(&pool->settled, &pool->mutex);
  pthread_mutex_unlock(&pool->mutex);
}

void ck_pool_run(ck_pool *pool, int64_t count, void *context, ck_task task) {
  if (pool->threads == 1 || count < 2 || pool->alone > 0) {
    pool->alone -= pool->alone > 0;
    for (int64_t i = 0; i < count; i++) task(context, i, 0);
    return;
  }
  pool->task = task;
  pool->context = context;
  pool->count = count;
  atomic_store_explicit(&pool->next, 0, memory_order_relaxed);
  atomic_fetch_add(&pool->state, 1);
  wake(pool);
  take_tasks(pool, 0);
  atomic_fetch_add(&pool->state, 1);
  await_workers(pool);
}

void *ck_pool_scratch(ck_pool *pool, int worker, size_t bytes) {
  struct scratch *scratch = &pool->scratch[worker + 2];
  if (scratch->bytes < bytes) {
    free(scratch->memory);
    size_t rounded = (bytes + 4095) / 4096 * 4096;
    scratch->memory = aligned_alloc(64, rounded);
    scratch->bytes = scratch->memory ? rounded : 0;
  }
  return scratch->memory;
}

int ck_processors(void) {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) return CPU_COUNT(&set);
#endif
  long count = sysconf(_SC_NPROCESSORS_ONLN);
  return count > 0 ? (int)count : 1;
}

void *ck_zeros(size_t bytes) { return calloc(bytes > 0 ? bytes : 1, 1); }

void ck_release(void *memory) { free(memory); }

void ck_keep_freed(void) {
#if defined(__GLIBC__)
  mallopt(M_MMAP_THRESHOLD, 1 << 29);
  mallopt(M_TRIM_THRESHOLD, 1 << 29);
#endif
}
