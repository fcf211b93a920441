/* Tries what signals do, and prints it. */
#include "try.h"
#include <pthread.h>
#include <setjmp.h>
#include <sys/wait.h>
#include <ucontext.h>

static volatile int seen, seen_code, seen_value;
static sigjmp_buf back;

static void note(int number)
{
	seen = number;
}

static void note_info(int number, siginfo_t *info, void *context)
{
	seen = number;
	seen_code = info->si_code;
	seen_value = info->si_pid == getpid();
	(void)context;
}

static void handle(int number, void (*handler)(int), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };
	sigaction(number, &action, 0);
}

static void handle_info(int number, void (*handler)(int, siginfo_t *, void *), int flags)
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = flags | SA_SIGINFO };
	sigaction(number, &action, 0);
}

static uint64_t set_of(int number)
{
	return 1ull << (number - 1);
}

static void actions(void)
{
	printf("case signals: actions\n");
	char action[32] = { 0 };
	TRY(rt_sigaction, 0, 0, action, 8);
	TRY(rt_sigaction, 65, 0, action, 8);
	TRY(rt_sigaction, SIGUSR1, 0, action, 4);
	TRY(rt_sigaction, SIGUSR1, 0, action, 8);
	TRY(rt_sigaction, SIGKILL, 0, action, 8);
	TRY(rt_sigaction, SIGKILL, action, 0, 8);
	TRY(rt_sigaction, SIGSTOP, action, 0, 8);
	TRY(rt_sigaction, SIGUSR1, NOWHERE, 0, 8);
	TRY(rt_sigaction, SIGUSR1, 0, KERNEL, 8);
	handle(SIGUSR1, note, SA_RESTART | SA_NODEFER);
	struct {
		void *handler;
		unsigned long flags;
		void *restorer;
		uint64_t mask;
	} now;
	TRY(rt_sigaction, SIGUSR1, 0, &now, 8);
	printf("flags %lx mask %lx\n", now.flags, now.mask);
	now.mask = ~0ull;
	TRY(rt_sigaction, SIGUSR1, &now, 0, 8);
	TRY(rt_sigaction, SIGUSR1, 0, &now, 8);
	printf("mask %lx\n", now.mask);
}

static void masks(void)
{
	printf("case signals: masks\n");
	uint64_t set = set_of(SIGUSR1) | set_of(SIGKILL), old = 0, pending = 0;
	handle(SIGUSR1, note, 0);
	TRY(rt_sigprocmask, 7, &set, 0, 8);
	TRY(rt_sigprocmask, 7, 0, &old, 8);
	TRY(rt_sigprocmask, SIG_BLOCK, &set, &old, 4);
	TRY(rt_sigprocmask, SIG_BLOCK, NOWHERE, 0, 8);
	TRY(rt_sigprocmask, SIG_BLOCK, &set, &old, 8);
	TRY(rt_sigprocmask, SIG_BLOCK, 0, &old, 8);
	printf("mask %lx\n", old);
	seen = 0;
	TRY(kill, getpid(), SIGUSR1);
	TRY(kill, getpid(), SIGUSR1);
	TRY(rt_sigpending, &pending, 8);
	printf("seen %d pending %lx\n", seen, pending);
	TRY(rt_sigpending, &pending, 9);
	TRY(rt_sigprocmask, SIG_UNBLOCK, &set, 0, 8);
	printf("seen %d\n", seen);
	TRY(rt_sigpending, &pending, 8);
	printf("pending %lx\n", pending);
	handle(SIGUSR1, SIG_IGN, 0);
	TRY(rt_sigprocmask, SIG_BLOCK, &set, 0, 8);
	TRY(kill, getpid(), SIGUSR1);
	TRY(rt_sigpending, &pending, 8);
	printf("pending %lx\n", pending);
	handle(SIGUSR1, SIG_IGN, 0);
	TRY(rt_sigpending, &pending, 8);
	printf("pending %lx\n", pending);
	TRY(rt_sigprocmask, SIG_UNBLOCK, &set, 0, 8);
}

static void infos(void)
{
	printf("case signals: what a handler is told\n");
	handle_info(SIGUSR2, note_info, 0);
	seen = 0;
	TRY(kill, getpid(), SIGUSR2);
	printf("signal %d code %d mine %d\n", seen, seen_code, seen_value);
	TRY(tgkill, getpid(), gettid(), SIGUSR2);
	printf("signal %d code %d mine %d\n", seen, seen_code, seen_value);
	TRY(tkill, gettid(), SIGUSR2);
	printf("signal %d code %d mine %d\n", seen, seen_code, seen_value);
}

static void order_note(int number)
{
	printf("handler %d\n", number);
}

static void order(void)
{
	printf("case signals: order\n");
	int numbers[] = { SIGRTMIN + 2, SIGUSR2, SIGRTMIN + 1, SIGUSR1, SIGRTMIN + 1, SIGUSR1 };
	uint64_t set = 0;
	for (int i = 0; i < 6; i++) {
		handle(numbers[i], order_note, 0);
		set |= set_of(numbers[i]);
	}
	SYS(rt_sigprocmask, SIG_BLOCK, &set, 0, 8);
	for (int i = 0; i < 6; i++)
		SYS(tgkill, getpid(), gettid(), numbers[i]);
	uint64_t pending = 0, taken;
	SYS(rt_sigpending, &pending, 8);
	printf("pending %lx\n", pending);
	struct timespec none = { 0, 0 };
	siginfo_t info;
	for (int i = 0; i < 7; i++) {
		taken = SYS(rt_sigtimedwait, &set, &info, &none, 8);
		printf("taken %ld\n", (long)taken);
	}
	SYS(rt_sigprocmask, SIG_UNBLOCK, &set, 0, 8);
	handle(SIGUSR1, order_note, 0);
	raise(SIGUSR1);
}

static void faulty(int number, siginfo_t *info, void *context)
{
	ucontext_t *registers = context;
	printf("signal %d code %d address %s\n", number, info->si_code,
	       info->si_addr == (void *)registers->uc_mcontext.gregs[REG_RIP] ? "of the code"
	       : info->si_addr == 0					       ? "null"
									       : "other");
	siglongjmp(back, 1);
}

static void faults(void)
{
	printf("case signals: faults\n");
	handle_info(SIGSEGV, faulty, 0);
	handle_info(SIGBUS, faulty, 0);
	handle_info(SIGILL, faulty, 0);
	handle_info(SIGFPE, faulty, 0);
	if (!sigsetjmp(back, 1))
		*(volatile int *)0 = 1;
	void *page = mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!sigsetjmp(back, 1))
		*(volatile int *)page = 1;
	if (!sigsetjmp(back, 1))
		__asm__ volatile("ud2");
	if (!sigsetjmp(back, 1))
		__asm__ volatile("hlt");
	volatile int zero = 0;
	if (!sigsetjmp(back, 1))
		zero = 1 / zero;
	if (!sigsetjmp(back, 1))
		((void (*)(void))page)();
	if (!sigsetjmp(back, 1))
		*(volatile long *)0x8000000000000000 = 1;
	printf("alive\n");
}

static char stack[65536] __attribute__((aligned(16)));
static volatile int on_stack;

static void where(int number)
{
	char here;
	on_stack = &here > stack && &here < stack + sizeof stack;
	stack_t now;
	sigaltstack(0, &now);
	printf("signal %d on it %d flags %d\n", number, on_stack, now.ss_flags);
	printf("changing it: %ld\n", SYS(sigaltstack, &now, 0));
}

static void overflow(int number, siginfo_t *info, void *context)
{
	char here;
	printf("signal %d on the alternate stack %d\n", number, &here > stack && &here < stack + sizeof stack);
	siglongjmp(back, 1);
}

static int recurse(int depth)
{
	volatile char space[4096];
	space[0] = depth;
	return depth > 1 << 20 ? 0 : recurse(depth + 1) + space[0];
}

static void stacks(void)
{
	printf("case signals: alternate stacks\n");
	stack_t wanted = { .ss_sp = stack, .ss_size = 100 }, old;
	TRY(sigaltstack, &wanted, 0);
	wanted.ss_size = sizeof stack;
	wanted.ss_flags = 77;
	TRY(sigaltstack, &wanted, 0);
	wanted.ss_flags = 0;
	TRY(sigaltstack, NOWHERE, 0);
	TRY(sigaltstack, 0, &old);
	printf("flags %d size %zu\n", old.ss_flags, old.ss_size);
	TRY(sigaltstack, &wanted, &old);
	TRY(sigaltstack, 0, &old);
	printf("flags %d size %zu\n", old.ss_flags, old.ss_size);
	handle(SIGUSR1, where, SA_ONSTACK);
	raise(SIGUSR1);
	handle(SIGUSR1, where, 0);
	raise(SIGUSR1);
	handle_info(SIGSEGV, overflow, SA_ONSTACK);
	if (!sigsetjmp(back, 1))
		recurse(0);
	handle(SIGSEGV, SIG_DFL, 0);
}

static volatile double sum;

static void count(int number)
{
	double x = number;
	for (int i = 0; i < 100; i++)
		x = x * 1.5 + i;
	sum = x;
}

static void registers(void)
{
	printf("case signals: registers survive a handler\n");
	handle(SIGUSR1, count, 0);
	double a = 1.25, b = 2.5;
	long pid = getpid(), tid = gettid(), result;
	__asm__ volatile("movsd %3, %%xmm7\n\tmov %4, %%rdi\n\tmov %5, %%rsi\n\tmov $10, %%rdx\n\tmov $234, %%eax\n\t"
			 "mov $77, %%r12\n\tsyscall\n\tmovsd %%xmm7, %1\n\tmov %%r12, %2"
			 : "=a"(result), "=m"(b), "=r"(pid)
			 : "m"(a), "r"(pid), "r"(tid)
			 : "rdi", "rsi", "rdx", "rcx", "r11", "r12", "xmm7", "memory");
	printf("result %ld xmm %.2f r12 %ld handler %d\n", result, b, pid, sum != 0);
}

static void *later(void *target)
{
	struct timespec wait = { 0, 100000000 };
	nanosleep(&wait, 0);
	pthread_kill(*(pthread_t *)target, SIGUSR1);
	return 0;
}

static void interrupt(const char *what, int flags, long (*blocking)(void))
{
	pthread_t self = pthread_self(), other;
	handle(SIGUSR1, note, flags);
	seen = 0;
	pthread_create(&other, 0, later, &self);
	long result = blocking();
	printf("%s: %s, seen %d\n", what, result < 0 ? strerrorname_np(-result) : "done", seen);
	pthread_join(other, 0);
}

static int ends[2];

static long block_read(void)
{
	char byte;
	return SYS(read, ends[0], &byte, 1);
}

static long block_poll(void)
{
	struct pollfd one = { ends[0], POLLIN, 0 };
	return SYS(poll, &one, 1, -1);
}

static long block_sleep(void)
{
	struct timespec wait = { 2, 0 }, rest = { 9, 9 };
	long result = SYS(nanosleep, &wait, &rest);
	printf("rest %s\n", rest.tv_sec == 1 ? "about right" : "wrong");
	return result;
}

static long block_suspend(void)
{
	uint64_t none = 0;
	return SYS(rt_sigsuspend, &none, 8);
}

static long block_pause(void)
{
	return SYS(pause);
}

static long block_futex(void)
{
	int word = 0;
	return SYS(futex, &word, 128, 0, 0);
}

static long block_wait(void)
{
	uint64_t set = set_of(SIGUSR2);
	return SYS(rt_sigtimedwait, &set, 0, 0, 8);
}

static void *feed(void *unused)
{
	struct timespec wait = { 0, 300000000 };
	nanosleep(&wait, 0);
	write(ends[1], "x", 1);
	return unused;
}

static long block_restarted(void)
{
	pthread_t feeder;
	pthread_create(&feeder, 0, feed, 0);
	long result = block_read();
	pthread_join(feeder, 0);
	return result;
}

static void interruptions(void)
{
	printf("case signals: interruptions\n");
	pipe(ends);
	interrupt("read", 0, block_read);
	interrupt("poll", SA_RESTART, block_poll);
	interrupt("nanosleep", SA_RESTART, block_sleep);
	interrupt("rt_sigsuspend", 0, block_suspend);
	interrupt("pause", SA_RESTART, block_pause);
	interrupt("futex", 0, block_futex);
	interrupt("rt_sigtimedwait", SA_RESTART, block_wait);
	interrupt("read again", SA_RESTART, block_restarted);
}

/* struct binder_write_read and its ioctl. */
struct exchange {
	uint64_t write_size, write_consumed, write_buffer, read_size, read_consumed, read_buffer;
};

#define WRITE_READ 0xc0306201
#define ENTER_LOOPER 0x630c

static int device;

static long block_binder(void)
{
	uint32_t command = ENTER_LOOPER, returns[64];
	struct exchange exchange = { 4, 0, (uint64_t)&command, sizeof returns, 0, (uint64_t)returns };
	long result = SYS(ioctl, device, WRITE_READ, &exchange);
	printf("written %ld read %ld\n", exchange.write_consumed, exchange.read_consumed);
	return result;
}

static long block_binder_poll(void)
{
	struct pollfd one = { device, POLLIN, 0 };
	return SYS(poll, &one, 1, -1);
}

static void binder(void)
{
	printf("case signals: a binder call\n");
	device = open("/dev/binder", O_RDWR | O_CLOEXEC);
	void *region = mmap(0, 1 << 17, PROT_READ, MAP_PRIVATE, device, 0);
	printf("mapped %d\n", region != MAP_FAILED);
	interrupt("the first", 0, block_binder);
	interrupt("a read", 0, block_binder);
	interrupt("a read with SA_RESTART", SA_RESTART, block_binder);
	interrupt("a poll", SA_RESTART, block_binder_poll);
	close(device);
}

static void *take(void *unused)
{
	uint64_t set = set_of(SIGTERM) | set_of(SIGINT);
	siginfo_t info;
	long taken = SYS(rt_sigtimedwait, &set, &info, 0, 8);
	printf("taken %ld code %d mine %d\n", taken, info.si_code, info.si_pid == getpid());
	return unused;
}

static void waits(void)
{
	printf("case signals: waiting for them\n");
	uint64_t set = set_of(SIGTERM) | set_of(SIGINT);
	struct timespec none = { 0, 0 }, some = { 0, 50000000 }, bad = { 0, -1 };
	TRY(rt_sigprocmask, SIG_BLOCK, &set, 0, 8);
	TRY(rt_sigtimedwait, &set, 0, &none, 8);
	TRY(rt_sigtimedwait, &set, 0, &some, 8);
	TRY(rt_sigtimedwait, &set, 0, &bad, 8);
	TRY(rt_sigtimedwait, &set, 0, &none, 4);
	TRY(rt_sigtimedwait, NOWHERE, 0, &none, 8);
	TRY(kill, getpid(), SIGINT);
	TRY(rt_sigtimedwait, &set, 0, &none, 8);
	pthread_t taker;
	pthread_create(&taker, 0, take, 0);
	nanosleep(&some, 0);
	long sent = SYS(kill, getpid(), SIGTERM);
	pthread_join(taker, 0);
	show("sent", sent);
	TRY(rt_sigprocmask, SIG_UNBLOCK, &set, 0, 8);
}

static int ending_of(void (*action)(void))
{
	fflush(stdout);
	int pid = fork(), status;
	if (pid == 0) {
		action();
		_exit(9);
	}
	waitpid(pid, &status, 0);
	return status & ~0x80;
}

static void die_abort(void)
{
	abort();
}

static void die_null(void)
{
	*(volatile int *)0 = 1;
}

static void die_pipe(void)
{
	int p[2];
	pipe(p);
	close(p[0]);
	write(p[1], "x", 1);
}

static void die_term(void)
{
	kill(getpid(), SIGTERM);
}

static void die_kill(void)
{
	kill(getpid(), SIGKILL);
}

static void die_blocked_fault(void)
{
	uint64_t all = ~0ull;
	SYS(rt_sigprocmask, SIG_BLOCK, &all, 0, 8);
	die_null();
}

static void die_ignored_fault(void)
{
	signal(SIGSEGV, SIG_IGN);
	die_null();
}

static void die_in_handler(int number)
{
	die_null();
}

static void die_nested(void)
{
	signal(SIGSEGV, die_in_handler);
	die_null();
}

static void die_once(void)
{
	handle(SIGUSR1, note, SA_RESETHAND);
	raise(SIGUSR1);
	raise(SIGUSR1);
}

static void die_queued(void)
{
	raise(SIGRTMIN + 3);
}

static void live_child(void)
{
	raise(SIGCHLD);
	raise(SIGWINCH);
	raise(SIGURG);
}

static void ends_of_processes(void)
{
	printf("case signals: ends of processes\n");
	printf("abort %x\n", ending_of(die_abort));
	printf("null %x\n", ending_of(die_null));
	printf("pipe %x\n", ending_of(die_pipe));
	printf("term %x\n", ending_of(die_term));
	printf("kill %x\n", ending_of(die_kill));
	printf("blocked fault %x\n", ending_of(die_blocked_fault));
	printf("ignored fault %x\n", ending_of(die_ignored_fault));
	printf("fault in a handler %x\n", ending_of(die_nested));
	printf("second after one-shot %x\n", ending_of(die_once));
	printf("real-time %x\n", ending_of(die_queued));
	printf("ignored by default %x\n", ending_of(live_child));
}

static void targets(void)
{
	printf("case signals: targets\n");
	TRY(kill, 99999999, 0);
	TRY(kill, getpid(), 0);
	TRY(kill, getpid(), 65);
	TRY(kill, getpid(), -1);
	TRY(tgkill, getpid(), gettid(), 0);
	TRY(tgkill, getpid(), 99999999, 0);
	TRY(tgkill, 99999999, gettid(), 0);
	TRY(tgkill, -1, gettid(), 0);
	TRY(tgkill, getpid(), 0, 0);
	TRY(tkill, 0, 0);
	TRY(tkill, gettid(), 0);
}

int main(void)
{
	setvbuf(stdout, 0, _IOLBF, 0);
	actions();
	masks();
	infos();
	order();
	faults();
	stacks();
	registers();
	interruptions();
	binder();
	waits();
	ends_of_processes();
	targets();
	return 0;
}
