/*
 * Starts children that take whatever the kernel gives and end in different ways without giving it back; says whether
 * free memory is afterwards what it was.
 */
#include "try.h"
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>

#define ROUNDS 40
#define DEVICE "/dev/binder"

static void *wait_for_ever(void *argument)
{
	char byte;
	read(*(int *)argument, &byte, 1);
	return NULL;
}

/* Takes pipes, files, mappings, threads and a binder device, and leaves them open. */
static void take(void)
{
	int ends[2];
	pthread_t thread;
	static char page[4096];
	pipe(ends);
	write(ends[1], page, sizeof(page));
	int memory = memfd_create("leak", 0);
	ftruncate(memory, 1 << 20);
	char *shared = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	memset(shared, 1, 1 << 20);
	char *private = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(private, 1, 1 << 20);
	munmap(private + 8192, 40960);
	int file = open("/tmp/leak", O_RDWR | O_CREAT, 0600);
	write(file, page, sizeof(page));
	mmap(NULL, sizeof(page), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	unlink("/tmp/leak");
	dup2(file, 100);
	int device = open(DEVICE, O_RDWR);
	mmap(NULL, 1 << 20, PROT_READ, MAP_PRIVATE, device, 0);
	struct pollfd poll_device = { device, POLLIN, 0 };
	poll(&poll_device, 1, 0);
	int set = epoll_create1(0), timer = timerfd_create(CLOCK_MONOTONIC, 0);
	struct itimerspec often = { { 0, 1000000 }, { 0, 1000000 } };
	timerfd_settime(timer, 0, &often, NULL);
	int watched[] = { device, timer, ends[0], eventfd(1, 0) };
	for (int index = 0; index < 4; index++) {
		struct epoll_event event = { .events = EPOLLIN };
		epoll_ctl(set, EPOLL_CTL_ADD, watched[index], &event);
	}
	epoll_wait(set, &(struct epoll_event){ 0 }, 1, 0);
	pipe(ends);
	for (int index = 0; index < 3; index++)
		pthread_create(&thread, NULL, wait_for_ever, &ends[0]);
}

static void child(int way)
{
	int ends[2];
	take();
	switch (way) {
	case 0:
		_exit(0);
	case 1:
		*(volatile int *)8 = 1;
		break;
	case 2:
		pipe(ends);
		wait_for_ever(ends);
		break;
	case 3: {
		static char *argv[] = { "leaks", "child", NULL };
		execve("/proc/self/exe", argv, argv + 2);
		break;
	}
	case 4: {
		static char *argv[] = { "none", NULL };
		execve("/dev/null", argv, argv + 1);
		_exit(0);
	}
	}
}

static long free_memory(void)
{
	static char text[4096];
	long kilobytes = -1;
	int file = open("/proc/meminfo", O_RDONLY);
	read(file, text, sizeof(text) - 1);
	close(file);
	sscanf(strstr(text, "MemFree:"), "MemFree: %ld", &kilobytes);
	return kilobytes;
}

static void one_round(void)
{
	for (int way = 0; way < 5; way++) {
		int status;
		pid_t pid = fork();
		if (pid == 0)
			child(way);
		if (way == 2) {
			usleep(20000);
			kill(pid, SIGKILL);
		}
		waitpid(pid, &status, 0);
	}
}

int main(int argc, char **argv)
{
	if (argc > 1) {
		take();
		_exit(0);
	}
	/* The kernel's own tables grow to their size in the first rounds. */
	for (int round = 0; round < ROUNDS; round++)
		one_round();
	long before = free_memory();
	for (int round = 0; round < ROUNDS; round++)
		one_round();
	long lost = before - free_memory();
	if (lost > 0)
		printf("%ld KiB are lost after %d rounds\n", lost, ROUNDS);
	else
		printf("nothing is lost\n");
	return lost > 0;
}
