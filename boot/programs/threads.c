/* Tries what threads, futexes and clocks do, and prints it. */
#include "try.h"
#include <linux/futex.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define THREADS 64

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static long counter;
static __thread long own;

static void *add(void *number)
{
	own = (long)number;
	for (int i = 0; i < 1000; i++) {
		pthread_mutex_lock(&mutex);
		counter++;
		pthread_mutex_unlock(&mutex);
		if (i % 100 == 0)
			sched_yield();
	}
	return (void *)own;
}

static void many(void)
{
	printf("case threads: many at once\n");
	pthread_t threads[THREADS];
	long sum = 0;
	for (long i = 0; i < THREADS; i++)
		printf(pthread_create(&threads[i], 0, add, (void *)i) ? "failed\n" : "");
	for (long i = 0; i < THREADS; i++) {
		void *result;
		pthread_join(threads[i], &result);
		sum += (long)result;
	}
	printf("counter %ld sum %ld own %ld\n", counter, sum, own);
}

static void *detached(void *unused)
{
	pthread_mutex_lock(&mutex);
	counter++;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&mutex);
	return unused;
}

static void come_and_go(void)
{
	printf("case threads: come and go\n");
	pthread_attr_t attributes;
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	counter = 0;
	for (int i = 0; i < 300; i++) {
		pthread_t thread;
		if (pthread_create(&thread, &attributes, detached, 0))
			printf("failed\n");
		pthread_mutex_lock(&mutex);
		while (counter <= i)
			pthread_cond_wait(&changed, &mutex);
		pthread_mutex_unlock(&mutex);
	}
	printf("counter %ld\n", counter);
}

static int word;

static void *wait_on(void *operation)
{
	return (void *)SYS(futex, &word, (long)operation, 0, 0, 0, ~0u);
}

static void settle(void)
{
	struct timespec some = { 0, 50000000 };
	nanosleep(&some, 0);
}

static void wake(const char *what, long waiting, long waking, int sleepers)
{
	pthread_t threads[4];
	for (int i = 0; i < sleepers; i++)
		pthread_create(&threads[i], 0, wait_on, (void *)waiting);
	settle();
	long first = SYS(futex, &word, waking, 1, 0, 0, 2), rest = SYS(futex, &word, waking, 9, 0, 0, 1);
	printf("%s: woke %ld, then %ld\n", what, first, rest);
	if (first + rest < sleepers)
		SYS(futex, &word, waiting & FUTEX_PRIVATE_FLAG ? FUTEX_WAKE_PRIVATE : FUTEX_WAKE, 9);
	for (int i = 0; i < sleepers; i++) {
		void *result;
		pthread_join(threads[i], &result);
		printf("waiter %ld\n", (long)result);
	}
}

static void futexes(void)
{
	printf("case threads: futexes\n");
	struct timespec some = { 0, 30000000 }, bad = { 0, 2000000000 }, then;
	TRY(futex, &word, FUTEX_WAIT_PRIVATE, 1, 0);
	TRY(futex, &word, FUTEX_WAIT, 1, 0);
	TRY(futex, &word, FUTEX_WAIT_PRIVATE, 0, &some);
	TRY(futex, &word, FUTEX_WAIT_PRIVATE, 0, &bad);
	TRY(futex, &word, FUTEX_WAIT_PRIVATE, 0, NOWHERE);
	TRY(futex, (char *)&word + 1, FUTEX_WAIT_PRIVATE, 0, 0);
	TRY(futex, NOWHERE, FUTEX_WAIT_PRIVATE, 0, 0);
	TRY(futex, KERNEL, FUTEX_WAIT_PRIVATE, 0, 0);
	TRY(futex, &word, FUTEX_WAIT_BITSET_PRIVATE, 0, &some, 0, 0);
	TRY(futex, &word, FUTEX_WAIT_BITSET_PRIVATE, 0, &some, 0, 1);
	TRY(futex, &word, FUTEX_WAKE_BITSET_PRIVATE, 1, 0, 0, 0);
	TRY(futex, &word, FUTEX_WAKE_PRIVATE, 1);
	TRY(futex, (char *)&word + 2, FUTEX_WAKE_PRIVATE, 1);
	TRY(futex, &word, 77, 1);
	clock_gettime(CLOCK_REALTIME, &then);
	then.tv_nsec += 30000000;
	then.tv_sec += then.tv_nsec / 1000000000;
	then.tv_nsec %= 1000000000;
	TRY(futex, &word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &then, 0, ~0u);
	clock_gettime(CLOCK_MONOTONIC, &then);
	TRY(futex, &word, FUTEX_WAIT_BITSET_PRIVATE, 0, &then, 0, ~0u);
	wake("private", FUTEX_WAIT_PRIVATE, FUTEX_WAKE_PRIVATE, 3);
	wake("shared", FUTEX_WAIT, FUTEX_WAKE, 3);
	wake("with bits", FUTEX_WAIT_BITSET_PRIVATE, FUTEX_WAKE_BITSET_PRIVATE, 3);
	wake("not the same kind", FUTEX_WAIT_PRIVATE, FUTEX_WAKE_PRIVATE, 1);
	int *shared = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	fflush(stdout);
	int pid = fork(), status;
	if (pid == 0)
		_exit(-SYS(futex, shared, FUTEX_WAIT, 0, 0));
	settle();
	settle();
	printf("woke a process: %ld\n", SYS(futex, shared, FUTEX_WAKE, 1));
	waitpid(pid, &status, 0);
	printf("it ended with %x\n", status);
}

static void clones(void)
{
	printf("case threads: clone\n");
	struct clone_args arguments = { 0 };
	TRY(clone3, &arguments, 8);
	TRY(clone3, NOWHERE, 88);
	arguments.flags = CLONE_THREAD;
	TRY(clone3, &arguments, 88);
	arguments.flags = CLONE_SIGHAND;
	TRY(clone3, &arguments, 88);
	arguments.flags = CLONE_VM;
	arguments.stack = 4096;
	TRY(clone3, &arguments, 88);
	TRY(clone, CLONE_THREAD, 0, 0, 0, 0);
	TRY(clone, CLONE_SIGHAND, 0, 0, 0, 0);
	puts(SYS(set_tid_address, &word) == gettid() ? "own number" : "wrong");
}

static void *names(void *unused)
{
	char name[16] = "?";
	TRY(prctl, PR_SET_NAME, "a name that is much too long");
	TRY(prctl, PR_GET_NAME, name);
	printf("name %s\n", name);
	return unused;
}

static void prctls(void)
{
	printf("case threads: prctl\n");
	pthread_t thread;
	int signal = 7;
	pthread_create(&thread, 0, names, 0);
	pthread_join(thread, 0);
	char name[16];
	TRY(prctl, PR_GET_NAME, name);
	printf("name %s\n", name);
	TRY(prctl, PR_SET_NAME, NOWHERE);
	TRY(prctl, PR_GET_NAME, KERNEL);
	TRY(prctl, PR_SET_PDEATHSIG, 65);
	TRY(prctl, PR_SET_PDEATHSIG, SIGUSR1);
	TRY(prctl, PR_GET_PDEATHSIG, &signal);
	printf("signal %d\n", signal);
	TRY(prctl, PR_SET_PDEATHSIG, 0);
	TRY(prctl, 0x12345, 0);
	TRY(prctl, PR_SET_THP_DISABLE, 1, 1, 0, 0);
}

static void clocks(void)
{
	printf("case threads: clocks\n");
	struct timespec now, before, some = { 0, 20000000 }, bad = { 0, 1000000000 }, negative = { -1, 0 };
	TRY(clock_gettime, CLOCK_REALTIME, &now);
	TRY(clock_gettime, CLOCK_MONOTONIC, &before);
	TRY(clock_gettime, CLOCK_BOOTTIME, &now);
	TRY(clock_gettime, CLOCK_PROCESS_CPUTIME_ID, &now);
	TRY(clock_gettime, 77, &now);
	TRY(clock_gettime, CLOCK_MONOTONIC, NOWHERE);
	TRY(clock_getres, CLOCK_MONOTONIC, &now);
	printf("resolution %ld\n", now.tv_nsec);
	TRY(clock_getres, 77, 0);
	TRY(nanosleep, &some, 0);
	TRY(nanosleep, &bad, 0);
	TRY(nanosleep, &negative, 0);
	TRY(nanosleep, NOWHERE, 0);
	TRY(clock_nanosleep, CLOCK_MONOTONIC, 0, &some, 0);
	TRY(clock_nanosleep, CLOCK_REALTIME, 0, &some, 0);
	TRY(clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &before, 0);
	TRY(clock_nanosleep, CLOCK_MONOTONIC, 0, &bad, 0);
	TRY(clock_nanosleep, 77, 0, &some, 0);
	TRY(clock_nanosleep, CLOCK_THREAD_CPUTIME_ID, 0, &some, 0);
	clock_gettime(CLOCK_MONOTONIC, &now);
	long ns = (now.tv_sec - before.tv_sec) * 1000000000 + now.tv_nsec - before.tv_nsec;
	printf("slept long enough: %d\n", ns >= 60000000);
}

static void scheduling(void)
{
	printf("case threads: scheduling\n");
	struct sched_param parameter = { 0 };
	unsigned long set[16];
	TRY(sched_yield);
	TRY(sched_getaffinity, 0, 4, set);
	TRY(sched_getaffinity, 0, 12, set);
	TRY(sched_getaffinity, 99999999, 32, set);
	TRY(sched_getaffinity, 0, 32, NOWHERE);
	printf("some bytes: %d\n", SYS(sched_getaffinity, 0, 128, set) > 0);
	printf("first processor: %ld\n", set[0] & 1);
	TRY(sched_getscheduler, 0);
	TRY(sched_getscheduler, -1);
	TRY(sched_getscheduler, 99999999);
	TRY(sched_getparam, 0, &parameter);
	TRY(sched_setscheduler, 0, SCHED_OTHER, &parameter);
	TRY(sched_setscheduler, 0, 77, &parameter);
	TRY(sched_get_priority_max, SCHED_FIFO);
	TRY(sched_get_priority_min, SCHED_FIFO);
	TRY(sched_get_priority_max, SCHED_OTHER);
	TRY(sched_get_priority_max, 77);
	TRY(getpriority, 0, 0);
	TRY(setpriority, 0, 0, 5);
	TRY(getpriority, 0, 0);
	TRY(setpriority, 0, 0, 100);
	TRY(getpriority, 0, 0);
	TRY(setpriority, 0, 0, -100);
	TRY(getpriority, 0, 0);
	TRY(setpriority, 0, 0, 0);
	TRY(getpriority, 0, 99999999);
	TRY(getpriority, 7, 0);
	TRY(setpriority, 0, 99999999, 0);
}

/* The registers that only vectors and fractions use; the 32 bytes of each, where the processor has so many. */
struct vectors {
	unsigned char bytes[16][32];
	unsigned short control;
	unsigned int status;
};

/* Loads the registers, makes a call some times, and stores what they are then; what the last call answered. */
static long around(long number, long times, const struct vectors *before, struct vectors *after)
{
	long result, wide = __builtin_cpu_supports("avx");
#define EACH(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11) DO(12) DO(13) DO(14) DO(15)
#define LOAD(n) "movups 32*" #n "(%[before]), %%xmm" #n "\n"
#define STORE(n) "movups %%xmm" #n ", 32*" #n "(%[after])\n"
#define LOAD_WIDE(n) "vmovups 32*" #n "(%[before]), %%ymm" #n "\n"
#define STORE_WIDE(n) "vmovups %%ymm" #n ", 32*" #n "(%[after])\n"
	__asm__ volatile("fldcw 512(%[before])\n ldmxcsr 516(%[before])\n"
			 "test %[wide], %[wide]\n jnz 1f\n" EACH(LOAD) "jmp 2f\n"
			 "1:\n" EACH(LOAD_WIDE)
			 "2: mov %[number], %%rax\n xor %%edi, %%edi\n syscall\n dec %[times]\n jnz 2b\n"
			 "test %[wide], %[wide]\n jnz 3f\n" EACH(STORE) "jmp 4f\n"
			 "3:\n" EACH(STORE_WIDE) "vzeroupper\n"
			 "4: fnstcw 512(%[after])\n stmxcsr 516(%[after])\n"
			 : "=&a"(result), [times] "+r"(times)
			 : [number] "r"(number), [wide] "r"(wide), [before] "r"(before), [after] "r"(after)
			 : "rcx", "r11", "rdi", "memory", "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",
			   "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
	return result;
}

/* Whether the registers are what they were, for one of several patterns. */
static int kept(long number, long times, int pattern, long *result)
{
	struct vectors before = {0}, after = {0};
	int width = __builtin_cpu_supports("avx") ? 32 : 16;
	for (int n = 0; n < 16; n++)
		for (int i = 0; i < width; i++)
			before.bytes[n][i] = pattern % 3 == 0 && n % 2 ? 0 : n * 16 + i + pattern;
	before.control = pattern % 2 ? 0x37f : 0x27f;
	before.status = pattern % 2 ? 0x1f80 : 0x7f80;
	*result = around(number, times, &before, &after);
	unsigned short control = 0x37f;
	unsigned int status = 0x1f80;
	__asm__ volatile("fldcw %0\n ldmxcsr %1" : : "m"(control), "m"(status));
	return !memcmp(&before, &after, sizeof before);
}

static void *keep(void *pattern)
{
	long result;
	return (void *)(long)kept(SYS_sched_yield, 40, (long)pattern, &result);
}

/* More threads than have registers at hand take turns, and what each left in them is there again. */
static void vectors(void)
{
	printf("case threads: vectors\n");
	pthread_t threads[THREADS];
	long count = 0, child;
	for (long i = 0; i < THREADS; i++)
		pthread_create(&threads[i], 0, keep, (void *)i);
	for (long i = 0; i < THREADS; i++) {
		void *result;
		pthread_join(threads[i], &result);
		count += (long)result;
	}
	printf("%ld threads kept them\n", count);
	int same = kept(SYS_fork, 1, 5, &child);
	if (!child)
		_exit(same);
	int status;
	waitpid(child, &status, 0);
	printf("parent: %d, child: %d\n", same, WEXITSTATUS(status));
}

int main(void)
{
	setvbuf(stdout, 0, _IOLBF, 0);
	many();
	come_and_go();
	futexes();
	clones();
	prctls();
	clocks();
	scheduling();
	vectors();
	return 0;
}
