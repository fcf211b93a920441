/*
 * Lets programs written with rsbinder start, converse and end, again and again, and says whether free memory and what the
 * driver holds are afterwards what they were.
 */
#include "try.h"
#include <sys/wait.h>

#define ROUNDS 8
/* The kernel's heap grows by whole pages, and where its last objects fall differs from round to round: KiB. */
#define SLACK 8
#define STATE "/sys/kernel/debug/binder/state"

static char before[65536], after[65536];

static void read_text(const char *path, char *into, size_t room)
{
	int file = open(path, O_RDONLY);
	ssize_t length = 0, step;
	while ((step = read(file, into + length, room - 1 - length)) > 0)
		length += step;
	into[length] = 0;
	close(file);
}

static long free_memory(void)
{
	static char text[4096];
	long kilobytes = -1;
	read_text("/proc/meminfo", text, sizeof(text));
	sscanf(strstr(text, "MemFree:"), "MemFree: %ld", &kilobytes);
	return kilobytes;
}

/* How many processes, threads, nodes, references and calls the driver lists: each has a line. */
static int objects(const char *text)
{
	int count = 0;
	for (; *text; text++)
		count += *text == '\n';
	return count;
}

static pid_t start(char *const words[])
{
	pid_t pid = fork();
	if (pid)
		return pid;
	int nowhere = open("/dev/null", O_WRONLY);
	dup2(nowhere, 1);
	dup2(nowhere, 2);
	char path[64];
	snprintf(path, sizeof(path), "/bin/%s", words[0]);
	execv(path, words);
	_exit(127);
}

static int finish(pid_t pid)
{
	int status = -1;
	waitpid(pid, &status, 0);
	return status;
}

static int one_round(void)
{
	pid_t hub = start((char *[]){"rsb_hub", "--insecure-allow-all", 0});
	usleep(300000);
	pid_t service = start((char *[]){"rs-hello", "serve", "hello", 0});
	int status = finish(start((char *[]){"rs-hello", "call", "hello", 0}));
	kill(service, SIGKILL);
	finish(service);
	kill(hub, SIGTERM);
	return status | finish(hub);
}

int main(void)
{
	int failures = 0;
	/* The kernel's own tables grow to their size in the first rounds. */
	for (int round = 0; round < 3; round++)
		failures += one_round() != 0;
	read_text(STATE, before, sizeof(before));
	long memory = free_memory();
	for (int round = 0; round < ROUNDS; round++)
		failures += one_round() != 0;
	read_text(STATE, after, sizeof(after));
	long lost = memory - free_memory();
	printf("%d of %d rounds failed\n", failures, ROUNDS + 3);
	if (lost > SLACK)
		printf("%ld KiB are lost\n", lost);
	else
		printf("no memory is lost\n");
	if (objects(before) != objects(after))
		printf("the driver held:\n%sand holds:\n%s", before, after);
	else
		printf("the driver holds what it held\n");
	return failures || lost > SLACK;
}
