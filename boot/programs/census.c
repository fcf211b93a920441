/*
 * Lets programs written with rsbinder start, converse and end, again and again, and says whether free memory and what the
 * driver holds are afterwards what they were.
 */
#include "try.h"
#include <sys/wait.h>

#define ROUNDS 8
#define ROUNDS_MOST 32
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

static long kilobytes(const char *text, const char *what)
{
	long number = -1;
	sscanf(strstr(text, what) + strlen(what), ": %ld", &number);
	return number;
}

/*
 * What is free: frames, and what is spare in the slabs of the kernel's heap. How full those are depends on where long-lived
 * blocks fall among the short-lived ones, so neither number repeats by itself, but what is in use does.
 */
static long free_memory(void)
{
	static char text[4096];
	read_text("/proc/meminfo", text, sizeof(text));
	return kilobytes(text, "MemFree") + kilobytes(text, "SReclaimable");
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
	int failures = 0, same = 0, rounds = 0;
	long memory = -1;
	/*
	 * A table of the kernel has room for the most that it ever held, so it may grow in a round in which more happens at
	 * the same time than in all before. What is lost in each round never comes to rest.
	 */
	while (same < ROUNDS && rounds < ROUNDS_MOST) {
		failures += one_round() != 0;
		rounds++;
		long now = free_memory();
		same = now == memory ? same + 1 : 0;
		if (same == 0) {
			memory = now;
			read_text(STATE, before, sizeof(before));
		}
	}
	read_text(STATE, after, sizeof(after));
	printf("%d rounds failed\n", failures);
	printf(same == ROUNDS ? "%d rounds cost no memory\n" : "not even %d rounds cost no memory\n", ROUNDS);
	if (objects(before) != objects(after))
		printf("the driver held:\n%sand holds:\n%s", before, after);
	else
		printf("the driver holds what it held\n");
	return failures || same != ROUNDS;
}
