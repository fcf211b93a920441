/* Tries what process groups and sessions do, and prints it. */
#include "try.h"
#include <sys/wait.h>

static int worker(int (*action)(void))
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

static int sleeper(void)
{
	for (;;)
		pause();
}

static void says(const char *what, int truth)
{
	printf("%s: %s\n", what, truth ? "yes" : "no");
}

/* Waits for the end of a child and shows how it came. */
static void ends(const char *what, int which)
{
	int status = 0;
	long pid = SYS(wait4, which, &status, 0, 0);
	if (pid < 0)
		printf("%s: %s\n", what, strerrorname_np(-pid));
	else
		printf("%s: status %x\n", what, status);
}

static int membership(void)
{
	int own = getpid(), before = getpgrp();
	int child = worker(sleeper);
	says("a child is in its parent's group", getpgid(child) == before);
	says("and in its session", getsid(child) == getsid(0));
	TRY(setpgid, 0, 0);
	says("a group of its own", getpgrp() == own);
	says("which the child is not in", getpgid(child) == before);
	printf("the child follows: %ld\n", SYS(setpgid, child, own));
	says("it is there", getpgid(child) == own);
	TRY(setsid);
	TRY(setpgid, 0, -1);
	TRY(setpgid, -1, 0);
	TRY(setpgid, 0, 99999999);
	TRY(setpgid, 99999999, 0);
	TRY(getpgid, 99999999);
	TRY(getsid, -1);
	TRY(kill, -99999999, 0);
	ends("no child in that group", -99999999);
	kill(-own, SIGCHLD);
	kill(child, SIGKILL);
	ends("a child of the own group", 0);
	return 0;
}

static int leads_session(void)
{
	int own = getpid();
	says("setsid answers the process", SYS(setsid) == own);
	says("it leads a session", getsid(0) == own);
	says("and a group", getpgrp() == own);
	TRY(setsid);
	TRY(setpgid, 0, 0);
	return 0;
}

static int signals_group(void)
{
	setpgid(0, 0);
	signal(SIGUSR1, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	int first = worker(sleeper), second = worker(sleeper), apart = worker(sleeper);
	setpgid(apart, apart);
	signal(SIGTERM, SIG_IGN);
	TRY(kill, 0, 0);
	TRY(kill, 0, SIGTERM);
	ends("one of the group", 0);
	ends("the other", 0);
	ends("nobody else", 0);
	printf("it reached both: %s\n", kill(first, 0) && kill(second, 0) ? "yes" : "no");
	printf("the one apart lives: %ld\n", SYS(kill, apart, 0));
	printf("signalled by its group: %ld\n", SYS(kill, -apart, SIGKILL));
	ends("by its group", -apart);
	return 0;
}

/* Ends itself and all that it started by one signal. */
static int ends_all(void)
{
	setpgid(0, 0);
	for (int i = 0; i < 8; i++)
		worker(sleeper);
	kill(0, SIGKILL);
	return 0;
}

int main(void)
{
	printf("case process groups: membership\n");
	ends("the worker", worker(membership));
	printf("case process groups: a session\n");
	ends("the worker", worker(leads_session));
	printf("case process groups: a signal to a group\n");
	ends("the worker", worker(signals_group));
	printf("case process groups: a signal to all, the sender included\n");
	int ends_of_pipe[2];
	if (pipe(ends_of_pipe))
		return 1;
	int pid = worker(ends_all);
	close(ends_of_pipe[1]);
	ends("the worker", pid);
	char byte;
	/* All of them held the writing end. */
	printf("nobody is left: %zd\n", read(ends_of_pipe[0], &byte, 1));
	return 0;
}
