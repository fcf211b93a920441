/* Tries what a handler finds in its frame, and what becomes of what it changes there. */
#include "try.h"
#include <sys/wait.h>
#include <ucontext.h>

static unsigned control(void)
{
	unsigned value;
	__asm__ volatile("stmxcsr %0" : "=m"(value));
	return value;
}

static void set_control(unsigned value)
{
	__asm__ volatile("ldmxcsr %0" : : "m"(value));
}

static void look(int number, siginfo_t *info, void *argument)
{
	ucontext_t *context = argument;
	printf("signal %d, code %d, vector state %s\n", number, info->si_code, context->uc_mcontext.fpregs ? "there" : "missing");
	printf("control %x in the frame, %x in the handler\n", context->uc_mcontext.fpregs->mxcsr, control());
}

static void forget(int number, siginfo_t *info, void *argument)
{
	((ucontext_t *)argument)->uc_mcontext.fpregs = 0;
}

static void change(int number, siginfo_t *info, void *argument)
{
	((ucontext_t *)argument)->uc_mcontext.fpregs->mxcsr = 0x3f80;
}

static void nowhere(int number, siginfo_t *info, void *argument)
{
	((ucontext_t *)argument)->uc_mcontext.fpregs = (void *)64;
}

static void block(int number, siginfo_t *info, void *argument)
{
	sigaddset(&((ucontext_t *)argument)->uc_sigmask, SIGUSR2);
}

static void answer(int number, siginfo_t *info, void *argument)
{
	((ucontext_t *)argument)->uc_mcontext.gregs[REG_RAX] = 77;
}

static void with(void (*handler)(int, siginfo_t *, void *))
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };
	sigaction(SIGUSR1, &action, 0);
	set_control(0x5f80);
	raise(SIGUSR1);
	printf("control %x afterwards\n", control());
}

/* In a process of its own, as it may not survive. */
static void apart(const char *text, void (*handler)(int, siginfo_t *, void *))
{
	int status;
	fflush(stdout);
	if (fork() == 0) {
		with(handler);
		fflush(stdout);
		_exit(0);
	}
	wait(&status);
	printf("%s: %x\n", text, status);
}

int main(void)
{
	printf("case frames: the vector state\n");
	with(look);
	with(change);
	with(forget);
	apart("a state that is not there", nowhere);
	printf("case frames: mask and registers\n");
	with(block);
	sigset_t mask;
	sigprocmask(SIG_SETMASK, 0, &mask);
	printf("blocked now: %d\n", sigismember(&mask, SIGUSR2));
	struct sigaction action = { .sa_sigaction = answer, .sa_flags = SA_SIGINFO };
	sigaction(SIGUSR1, &action, 0);
	printf("the call answers %ld\n", SYS(kill, getpid(), SIGUSR1));
	return 0;
}
