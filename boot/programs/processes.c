/* Tries what processes, their identity and their limits do, and prints it. */
#include "try.h"
#include <pthread.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>

static int child(int (*action)(void))
{
	fflush(stdout);
	int pid = fork();
	if (pid == 0) {
		int status = action();
		fflush(stdout);
		_exit(status);
	}
	return pid;
}

static int seven(void)
{
	return 7;
}

static int forever(void)
{
	for (;;)
		pause();
}

static void wait_shows(const char *what, long pid, long result, int status)
{
	printf("%s: %s status %x\n", what, result == pid ? "it" : result < 0 ? strerrorname_np(-result) : "another", status);
}

static void waiting(void)
{
	printf("case processes: waiting\n");
	int status = 0, pid;
	TRY(wait4, -1, &status, 0, 0);
	TRY(wait4, 99999999, &status, 0, 0);
	TRY(wait4, -1, &status, 0x1234, 0);
	pid = child(seven);
	wait_shows("by number", pid, SYS(wait4, pid, &status, 0, 0), status);
	pid = child(seven);
	wait_shows("any", pid, SYS(wait4, -1, &status, 0, 0), status);
	pid = child(forever);
	status = 0;
	printf("not yet: %ld\n", SYS(wait4, pid, &status, WNOHANG, 0));
	printf("exists: %ld\n", SYS(kill, pid, 0));
	printf("killed: %ld\n", SYS(kill, pid, SIGKILL));
	wait_shows("killed", pid, SYS(wait4, pid, &status, 0, 0), status);
	printf("gone: %s\n", strerrorname_np(-SYS(kill, pid, 0)));
	struct rusage usage;
	pid = child(seven);
	wait_shows("with usage", pid, SYS(wait4, pid, 0, 0, &usage), 0);
	int pids[8];
	for (int i = 0; i < 8; i++)
		pids[i] = child(seven);
	for (int i = 7; i >= 0; i--)
		wait_shows("backwards", pids[i], SYS(wait4, pids[i], &status, 0, 0), status);
	signal(SIGCHLD, SIG_IGN);
	pid = child(seven);
	printf("ignored: %s\n", strerrorname_np(-SYS(wait4, pid, &status, 0, 0)));
	signal(SIGCHLD, SIG_DFL);
}

static volatile int told, told_code, told_status;

static void tell(int number, siginfo_t *info, void *context)
{
	told = number;
	told_code = info->si_code;
	told_status = info->si_status;
	(void)context;
}

static void telling(void)
{
	printf("case processes: the parent is told\n");
	struct sigaction action = { .sa_sigaction = tell, .sa_flags = SA_SIGINFO | SA_RESTART };
	sigaction(SIGCHLD, &action, 0);
	int status, pid = child(seven);
	waitpid(pid, &status, 0);
	printf("signal %d code %d status %d\n", told, told_code, told_status);
	pid = child(forever);
	kill(pid, SIGTERM);
	waitpid(pid, &status, 0);
	printf("signal %d code %d status %d\n", told, told_code, told_status);
	signal(SIGCHLD, SIG_DFL);
}

static int value = 1;

static int change(void)
{
	value = 2;
	printf("parent %d\n", getppid() != 0);
	return value;
}

static void *idle(void *unused)
{
	pause();
	return unused;
}

static void *leave(void *unused)
{
	exit(5);
	return unused;
}

static int end_by_thread(void)
{
	pthread_t thread;
	pthread_create(&thread, 0, idle, 0);
	pthread_create(&thread, 0, leave, 0);
	pause();
	return 1;
}

static int end_of_first_thread(void)
{
	pthread_t thread;
	pthread_create(&thread, 0, leave, 0);
	SYS(exit, 3);
	return 1;
}

static int fork_in_thread_child(void)
{
	return gettid() == getpid();
}

static void *fork_in_thread(void *unused)
{
	int status;
	waitpid(child(fork_in_thread_child), &status, 0);
	printf("status %x\n", status);
	return unused;
}

static void forking(void)
{
	printf("case processes: forking\n");
	int status;
	waitpid(child(change), &status, 0);
	printf("status %x value %d\n", status, value);
	waitpid(child(end_by_thread), &status, 0);
	printf("ended by a thread: %x\n", status);
	waitpid(child(end_of_first_thread), &status, 0);
	printf("first thread ended first: %x\n", status);
	pthread_t thread;
	pthread_create(&thread, 0, fork_in_thread, 0);
	pthread_join(thread, 0);
	int *shared = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	fflush(stdout);
	int pid = fork();
	if (pid == 0) {
		*shared = 42;
		_exit(0);
	}
	waitpid(pid, &status, 0);
	printf("shared %d\n", *shared);
	pid = vfork();
	if (pid == 0) {
		value = 3;
		_exit(4);
	}
	printf("after vfork %d\n", value);
	waitpid(pid, &status, 0);
	printf("status %x\n", status);
}

static char **by_thread;

static void *exec_in_thread(void *unused)
{
	execv(by_thread[0], by_thread);
	return unused;
}

static int replace_by_thread(void)
{
	pthread_t thread;
	pthread_create(&thread, 0, idle, 0);
	pthread_create(&thread, 0, exec_in_thread, 0);
	for (;;)
		pause();
}

extern char **environ;

static void replacing(char *self)
{
	printf("case processes: replacing\n");
	char *arguments[] = { self, "again", "with spaces", 0 };
	char *nothing[] = { 0 };
	TRY(execve, "/nowhere", nothing, nothing);
	TRY(execve, NOWHERE, nothing, nothing);
	TRY(execve, "/", nothing, nothing);
	TRY(execve, self, NOWHERE, nothing);
	TRY(execve, self, nothing, KERNEL);
	int pid, status;
	int spawned = posix_spawn(&pid, self, 0, 0, arguments, environ);
	waitpid(pid, &status, 0);
	printf("spawn %d\n", spawned);
	printf("status %x\n", status);
	printf("spawn nothing: %s\n", strerrorname_np(posix_spawn(&pid, "/nowhere", 0, 0, arguments, environ)));
	int kept = open("/dev/null", O_RDONLY), closed = open("/dev/null", O_RDONLY | O_CLOEXEC);
	signal(SIGUSR1, SIG_IGN);
	signal(SIGUSR2, (void (*)(int))1234);
	char numbers[2][12];
	sprintf(numbers[0], "%d", kept);
	sprintf(numbers[1], "%d", closed);
	char *inherit[] = { self, "inherited", numbers[0], numbers[1], 0 };
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		execv(self, inherit);
		_exit(99);
	}
	waitpid(pid, &status, 0);
	printf("status %x\n", status);
	char *numbers_only[] = { self, "number", 0 };
	by_thread = numbers_only;
	pid = child(replace_by_thread);
	waitpid(pid, &status, 0);
	printf("by another thread: %x\n", status);
	close(kept);
	close(closed);
	signal(SIGUSR1, SIG_DFL);
	signal(SIGUSR2, SIG_DFL);
}

static int inherited(char **arguments)
{
	printf("kept %d closed %d\n", fcntl(atoi(arguments[2]), F_GETFD), fcntl(atoi(arguments[3]), F_GETFD));
	printf("ignored %d handled %d\n", signal(SIGUSR1, SIG_DFL) == SIG_IGN, signal(SIGUSR2, SIG_DFL) == SIG_DFL);
	char name[16];
	prctl(PR_GET_NAME, name);
	printf("name %s\n", name);
	return 6;
}

static int other_user(void)
{
	unsigned a, b, c;
	TRY(setresuid, -1, 1000, -1);
	TRY(getuid);
	TRY(geteuid);
	TRY(getresuid, &a, &b, &c);
	printf("%u %u %u\n", a, b, c);
	TRY(setuid, 5);
	TRY(setresuid, 1000, 0, 1000);
	TRY(setresuid, 1000, 1000, 1000);
	TRY(setuid, 0);
	TRY(kill, getppid(), 0);
	struct rlimit more = { 100, 1 << 30 };
	TRY(prlimit64, 0, RLIMIT_NOFILE, &more, 0);
	TRY(setpriority, 0, 0, 5);
	TRY(setpriority, 0, 0, 2);
	return 0;
}

static int other_group(void)
{
	unsigned a, b, c;
	TRY(setresgid, 1, 2, 3);
	TRY(getresgid, &a, &b, &c);
	printf("%u %u %u\n", a, b, c);
	TRY(getgid);
	TRY(getegid);
	TRY(setgid, 9);
	TRY(getresgid, &a, &b, &c);
	printf("%u %u %u\n", a, b, c);
	return 0;
}

static void identity(void)
{
	printf("case processes: identity\n");
	int status;
	TRY(getuid);
	TRY(geteuid);
	TRY(getgid);
	TRY(getegid);
	TRY(getresuid, NOWHERE, NOWHERE, NOWHERE);
	printf("pid %d\n", getpid() == gettid());
	waitpid(child(other_user), &status, 0);
	waitpid(child(other_group), &status, 0);
}

static void limits(void)
{
	printf("case processes: limits\n");
	struct rlimit limit;
	TRY(prlimit64, 0, RLIMIT_STACK, 0, &limit);
	printf("%ld %ld\n", (long)limit.rlim_cur, (long)limit.rlim_max);
	TRY(prlimit64, 0, 16, 0, &limit);
	TRY(prlimit64, 0, RLIMIT_CORE, NOWHERE, 0);
	TRY(prlimit64, 0, RLIMIT_CORE, 0, KERNEL);
	TRY(prlimit64, 99999999, RLIMIT_CORE, 0, &limit);
	limit.rlim_cur = 10;
	limit.rlim_max = 5;
	TRY(prlimit64, 0, RLIMIT_CORE, &limit, 0);
	limit.rlim_cur = 1;
	TRY(prlimit64, 0, RLIMIT_CORE, &limit, 0);
	TRY(getrlimit, RLIMIT_CORE, &limit);
	printf("%ld %ld\n", (long)limit.rlim_cur, (long)limit.rlim_max);
}

static void system_facts(void)
{
	printf("case processes: the system\n");
	struct utsname names;
	char random[300] = { 0 };
	TRY(uname, &names);
	printf("%s %s\n", names.sysname, names.machine);
	TRY(uname, NOWHERE);
	TRY(getrandom, random, 256, 0);
	TRY(getrandom, random, 8, 1);
	TRY(getrandom, random, 16, 4);
	TRY(getrandom, random, 16, 6);
	TRY(getrandom, random, 16, 8);
	TRY(getrandom, KERNEL, 16, 0);
	TRY(getrandom, random, 0, 0);
	TRY(sysinfo, NOWHERE);
	TRY(arch_prctl, 0x1002, KERNEL);
	TRY(arch_prctl, 0x1003, NOWHERE);
	TRY(arch_prctl, 77, 0);
}

int main(int count, char **arguments)
{
	setvbuf(stdout, 0, _IOLBF, 0);
	if (count == 2) {
		printf("the only thread %d\n", getpid() == gettid());
		return 9;
	}
	if (count == 3) {
		printf("%s %s\n", arguments[1], arguments[2]);
		return 8;
	}
	if (count == 4)
		return inherited(arguments);
	char self[64];
	ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
	if (length < 0)
		return 1;
	self[length] = 0;
	waiting();
	telling();
	forking();
	replacing(self);
	identity();
	limits();
	system_facts();
	return 0;
}
