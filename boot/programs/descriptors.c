/* Tries what descriptors, pipes and poll do, and prints it. */
#include "try.h"
#include <pthread.h>
#include <sys/resource.h>
#include <termios.h>

static char buffer[1 << 17];

static void duplicates(void)
{
	printf("case descriptors: duplicates\n");
	TRY(open, "/dev/zero", O_RDWR | O_CLOEXEC);
	TRY(dup, 3);
	TRY(dup, 99);
	TRY(dup2, 3, 10);
	TRY(dup2, 10, 10);
	TRY(dup2, 99, 99);
	TRY(dup2, 3, -1);
	TRY(dup2, 3, 100000000);
	TRY(dup3, 3, 11, O_CLOEXEC);
	TRY(dup3, 3, 3, 0);
	TRY(dup3, 3, 12, O_NONBLOCK);
	TRY(fcntl, 3, F_GETFD);
	TRY(fcntl, 4, F_GETFD);
	TRY(fcntl, 11, F_GETFD);
	TRY(fcntl, 4, F_SETFD, FD_CLOEXEC);
	TRY(fcntl, 4, F_GETFD);
	TRY(fcntl, 4, F_DUPFD, 20);
	TRY(fcntl, 4, F_DUPFD_CLOEXEC, 20);
	TRY(fcntl, 4, F_DUPFD, -1);
	TRY(fcntl, 4, F_DUPFD, 1 << 30);
	TRY(fcntl, 21, F_GETFD);
	TRY(fcntl, 3, F_GETFL);
	TRY(fcntl, 3, F_SETFL, O_NONBLOCK | O_APPEND | O_WRONLY);
	TRY(fcntl, 4, F_GETFL);
	int off = 0;
	TRY(ioctl, 4, FIONBIO, &off);
	TRY(ioctl, 4, FIONBIO, NOWHERE);
	TRY(fcntl, 3, F_GETFL);
	TRY(fcntl, 99, F_GETFL);
	TRY(fcntl, 3, 999);
	TRY(ioctl, 3, TCGETS, buffer);
	TRY(ioctl, 99, TCGETS, buffer);
	TRY(close, 10);
	TRY(close, 10);
	TRY(close, -1);
	struct rlimit limit = { 24, 64 };
	TRY(prlimit64, 0, RLIMIT_NOFILE, &limit, 0);
	TRY(fcntl, 4, F_DUPFD, 22);
	TRY(fcntl, 4, F_DUPFD, 22);
	TRY(fcntl, 4, F_DUPFD, 22);
	TRY(fcntl, 4, F_DUPFD, 24);
	TRY(dup2, 4, 24);
	limit.rlim_cur = 12;
	TRY(prlimit64, 0, RLIMIT_NOFILE, &limit, 0);
	while (SYS(dup, 4) > 0)
		;
	TRY(dup, 4);
	TRY(openat, AT_FDCWD, "/nowhere", O_RDONLY);
	TRY(pipe2, buffer, 0);
	for (int file = 3; file < 32; file++)
		SYS(close, file);
	limit.rlim_cur = 64;
	TRY(prlimit64, 0, RLIMIT_NOFILE, &limit, 0);
}

static void sources(void)
{
	printf("case descriptors: devices\n");
	TRY(open, "/dev/null", O_RDWR);
	TRY(open, "/dev/zero", O_RDWR);
	TRY(open, "/dev/full", O_RDWR);
	TRY(open, "/dev/urandom", O_RDONLY);
	TRY(read, 3, buffer, 10);
	TRY(write, 3, buffer, 100000);
	TRY(write, 3, buffer, 0);
	TRY(lseek, 3, 10, SEEK_SET);
	memset(buffer, 1, 8);
	TRY(read, 4, buffer, 5);
	printf("%d %d\n", buffer[4], buffer[5]);
	TRY(read, 4, NOWHERE, 5);
	TRY(write, 4, buffer, 5);
	TRY(read, 5, buffer, 7);
	TRY(write, 5, buffer, 7);
	TRY(read, 6, buffer, 100);
	for (int file = 3; file < 7; file++)
		SYS(close, file);
}

static void pipes(void)
{
	int ends[2];
	printf("case descriptors: pipes\n");
	TRY(pipe2, ends, O_NONBLOCK | O_CLOEXEC);
	printf("%d %d\n", ends[0], ends[1]);
	TRY(fcntl, 3, F_GETFL);
	TRY(fcntl, 4, F_GETFL);
	TRY(pipe2, ends, 0x12345);
	TRY(pipe, NOWHERE);
	TRY(dup, 4);
	TRY(close, 5);
	TRY(read, 3, buffer, 10);
	TRY(read, 3, buffer, 0);
	TRY(write, 4, "hello", 5);
	int waiting;
	TRY(ioctl, 3, FIONREAD, &waiting);
	printf("%d\n", waiting);
	TRY(read, 3, NOWHERE, 2);
	TRY(read, 3, buffer, 2);
	TRY(read, 3, buffer + 2, 10);
	printf("%.5s\n", buffer);
	TRY(write, 3, "x", 1);
	TRY(read, 4, buffer, 1);
	TRY(lseek, 3, 0, SEEK_SET);
	TRY(pread64, 3, buffer, 1, 0);
	TRY(fcntl, 3, F_GETPIPE_SZ);
	SYS(close, 3);
	SYS(close, 4);
	SYS(pipe2, ends, O_NONBLOCK);
	TRY(write, 4, buffer, sizeof(buffer));
	TRY(write, 4, buffer, 1);
	TRY(read, 3, buffer, 4095);
	TRY(write, 4, buffer, 4096);
	TRY(read, 3, buffer, 4097);
	TRY(write, 4, buffer, 4096);
	TRY(write, 4, NOWHERE, 1);
	TRY(close, 4);
	TRY(read, 3, buffer, sizeof(buffer));
	TRY(read, 3, buffer, sizeof(buffer));
	TRY(close, 3);
	signal(SIGPIPE, SIG_IGN);
	TRY(pipe, ends);
	TRY(close, 3);
	TRY(write, 4, "x", 1);
	TRY(write, 4, "x", 0);
	TRY(close, 4);
}

static void *drain(void *argument)
{
	static char mine[10000];
	long total = 0, got;
	int *ends = argument;
	while ((got = SYS(read, ends[0], mine, sizeof(mine))) > 0)
		total += got;
	return (void *)total;
}

static void blocking(void)
{
	int ends[2];
	pthread_t thread;
	void *total;
	printf("case descriptors: blocking\n");
	TRY(pipe, ends);
	pthread_create(&thread, NULL, drain, ends);
	TRY(write, 4, buffer, 1 << 17);
	TRY(write, 4, buffer, 100001);
	TRY(close, 4);
	pthread_join(thread, &total);
	printf("%ld\n", (long)total);
	TRY(close, 3);
}

static long elapsed(struct timespec *since)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - since->tv_sec) * 1000 + (now.tv_nsec - since->tv_nsec) / 1000000;
}

static void *write_later(void *argument)
{
	usleep(20000);
	write(*(int *)argument, "x", 1);
	return NULL;
}

static void polling(void)
{
	int ends[2];
	pthread_t thread;
	struct timespec start, timeout = { 0, 30000000 };
	printf("case descriptors: poll\n");
	SYS(pipe, ends);
	struct pollfd files[4] = {
		{ ends[0], POLLIN | POLLOUT, 9 }, { ends[1], POLLIN | POLLOUT, 9 }, { -5, POLLIN, 9 }, { 99, 0, 9 },
	};
	TRY(poll, files, 4, 0);
	printf("%x %x %x %x\n", files[0].revents, files[1].revents, files[2].revents, files[3].revents);
	TRY(poll, files, 3, -1);
	TRY(poll, files, 1, 0);
	TRY(poll, NOWHERE, 1, 0);
	TRY(poll, files, 1000000, 0);
	TRY(poll, NULL, 0, 1);
	clock_gettime(CLOCK_MONOTONIC, &start);
	TRY(poll, files, 1, 30);
	printf("%d\n", elapsed(&start) >= 30);
	clock_gettime(CLOCK_MONOTONIC, &start);
	TRY(ppoll, files, 1, &timeout, 0, 8);
	printf("%d\n", elapsed(&start) >= 30);
	TRY(ppoll, files, 1, NOWHERE, 0, 8);
	timeout.tv_nsec = -1;
	TRY(ppoll, files, 1, &timeout, 0, 8);
	pthread_create(&thread, NULL, write_later, &ends[1]);
	TRY(poll, files, 1, 10000);
	printf("%x\n", files[0].revents);
	pthread_join(thread, NULL);
	TRY(close, 4);
	TRY(poll, files, 1, 0);
	printf("%x\n", files[0].revents);
	char byte;
	TRY(read, 3, &byte, 1);
	TRY(poll, files, 1, -1);
	printf("%x\n", files[0].revents);
	TRY(close, 3);
	SYS(pipe, ends);
	SYS(close, 3);
	files[1].fd = 4;
	TRY(poll, files + 1, 1, -1);
	printf("%x\n", files[1].revents);
	SYS(close, 4);
	SYS(open, "/dev/null", O_RDONLY);
	files[0].fd = 3;
	TRY(poll, files, 1, -1);
	printf("%x\n", files[0].revents);
	SYS(close, 3);
}

static void on_alarm(int number)
{
}

static void *interrupt_later(void *argument)
{
	usleep(20000);
	pthread_kill(*(pthread_t *)argument, SIGUSR1);
	return NULL;
}

static void interruptions(void)
{
	int ends[2];
	pthread_t self = pthread_self(), thread;
	struct sigaction action = { .sa_handler = on_alarm };
	struct pollfd file;
	printf("case descriptors: interruptions\n");
	sigaction(SIGUSR1, &action, NULL);
	SYS(pipe, ends);
	file = (struct pollfd){ ends[0], POLLIN, 0 };
	pthread_create(&thread, NULL, interrupt_later, &self);
	TRY(poll, &file, 1, -1);
	pthread_join(thread, NULL);
	pthread_create(&thread, NULL, interrupt_later, &self);
	TRY(read, ends[0], buffer, 1);
	pthread_join(thread, NULL);
	pthread_create(&thread, NULL, interrupt_later, &self);
	TRY(write, ends[1], buffer, 100000);
	pthread_join(thread, NULL);
	SYS(close, 3);
	SYS(close, 4);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	duplicates();
	sources();
	pipes();
	blocking();
	polling();
	interruptions();
	return 0;
}
