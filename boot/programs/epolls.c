/* Tries epoll sets, event counters and timers, and prints what they do. */
#include "try.h"
#include <linux/android/binder.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

static int set;

/* Shows what is ready, in the order of the callers' words. */
static void look(const char *what, int timeout)
{
	struct epoll_event events[8];
	long count = SYS(epoll_wait, set, events, 8, timeout);
	if (count < 0) {
		printf("%s: %s\n", what, strerrorname_np(-count));
		return;
	}
	printf("%s:", what);
	for (int word = 0; word < 16; word++)
		for (int i = 0; i < count; i++)
			if (events[i].data.u64 == (uint64_t)word)
				printf(" %d=%x", word, events[i].events);
	printf("\n");
}

static long change(int operation, int fd, unsigned wanted, uint64_t word)
{
	struct epoll_event event = {.events = wanted, .data.u64 = word};
	return SYS(epoll_ctl, set, operation, fd, &event);
}
#define CHANGE(operation, fd, wanted, word) show("epoll_ctl " #operation " " #fd " " #wanted, change(operation, fd, wanted, word))

static void refusals(void)
{
	printf("case epolls: refusals\n");
	TRY(epoll_create, 0);
	TRY(epoll_create1, 1);
	set = epoll_create1(EPOLL_CLOEXEC);
	int file = open("/bin/epolls", O_RDONLY), counter = eventfd(0, 0);
	struct epoll_event event = {.events = EPOLLIN};
	CHANGE(EPOLL_CTL_ADD, file, EPOLLIN, 1);
	CHANGE(EPOLL_CTL_ADD, 99, EPOLLIN, 1);
	CHANGE(EPOLL_CTL_ADD, set, EPOLLIN, 1);
	CHANGE(EPOLL_CTL_MOD, counter, EPOLLIN, 1);
	CHANGE(EPOLL_CTL_DEL, counter, EPOLLIN, 1);
	CHANGE(77, counter, EPOLLIN, 1);
	TRY(epoll_ctl, set, EPOLL_CTL_ADD, counter, NOWHERE);
	TRY(epoll_ctl, 99, EPOLL_CTL_ADD, counter, &event);
	TRY(epoll_ctl, counter, EPOLL_CTL_ADD, set, &event);
	CHANGE(EPOLL_CTL_ADD, counter, EPOLLIN, 1);
	CHANGE(EPOLL_CTL_ADD, counter, EPOLLIN, 1);
	int copy = dup(counter);
	CHANGE(EPOLL_CTL_ADD, copy, EPOLLIN, 2);
	TRY(epoll_wait, set, &event, 0, 0);
	TRY(epoll_wait, set, &event, -1, 0);
	TRY(epoll_wait, counter, &event, 1, 0);
	TRY(epoll_wait, 99, &event, 1, 0);
	TRY(epoll_wait, set, KERNEL, 1, 0);
	TRY(epoll_pwait, set, &event, 1, 0, &event, 3);
	close(copy), close(counter), close(file), close(set);
}

static void counters(void)
{
	printf("case epolls: event counters\n");
	uint64_t value = 5;
	TRY(eventfd2, 0, 0x40);
	int fd = eventfd(3, EFD_NONBLOCK);
	TRY(write, fd, &value, 8);
	TRY(read, fd, &value, 7);
	TRY(read, fd, &value, 8);
	printf("%lu\n", value);
	TRY(read, fd, &value, 8);
	value = UINT64_MAX;
	TRY(write, fd, &value, 8);
	value = UINT64_MAX - 1;
	TRY(write, fd, &value, 8);
	value = 1;
	TRY(write, fd, &value, 8);
	TRY(write, fd, &value, 4);
	struct pollfd asked = {fd, POLLIN | POLLOUT, 0};
	TRY(poll, &asked, 1, 0);
	printf("%x\n", asked.revents);
	TRY(lseek, fd, 0, SEEK_SET);
	close(fd);
	fd = eventfd(2, EFD_NONBLOCK | EFD_SEMAPHORE);
	TRY(read, fd, &value, 8);
	printf("%lu\n", value);
	TRY(read, fd, &value, 8);
	TRY(read, fd, &value, 8);
	close(fd);
}

static void levels(void)
{
	printf("case epolls: levels and edges\n");
	set = epoll_create1(0);
	uint64_t one = 1;
	int counter = eventfd(0, EFD_NONBLOCK), edge = eventfd(0, EFD_NONBLOCK), ends[2];
	if (pipe(ends))
		return;
	CHANGE(EPOLL_CTL_ADD, counter, EPOLLIN, 1);
	CHANGE(EPOLL_CTL_ADD, edge, EPOLLIN | EPOLLET, 2);
	CHANGE(EPOLL_CTL_ADD, ends[0], EPOLLIN | EPOLLET, 3);
	CHANGE(EPOLL_CTL_ADD, ends[1], EPOLLOUT | EPOLLONESHOT, 4);
	look("once writable", 0);
	look("not again", 0);
	write(counter, &one, 8), write(edge, &one, 8), write(ends[1], "ab", 2);
	look("all", 0);
	look("the level only", 0);
	write(edge, &one, 8);
	look("a new edge", 0);
	char byte;
	read(ends[0], &byte, 1);
	look("what is left is not new", 0);
	write(ends[1], "c", 1);
	look("what came is", 0);
	read(counter, &one, 8);
	look("nothing", 0);
	CHANGE(EPOLL_CTL_MOD, ends[1], EPOLLOUT | EPOLLONESHOT, 5);
	CHANGE(EPOLL_CTL_MOD, edge, EPOLLIN | EPOLLET, 6);
	look("asked for again", 0);
	CHANGE(EPOLL_CTL_DEL, edge, 0, 0);
	close(ends[1]);
	look("the end of the pipe", 0);
	close(ends[0]);
	look("closed files are gone", 0);
	close(counter), close(edge), close(set);
}

static void turns(void)
{
	printf("case epolls: each has its turn\n");
	set = epoll_create1(0);
	int fds[3], seen[3] = {0};
	for (int i = 0; i < 3; i++) {
		fds[i] = eventfd(1, 0);
		change(EPOLL_CTL_ADD, fds[i], EPOLLIN, i);
	}
	for (int i = 0; i < 9; i++) {
		struct epoll_event event;
		if (epoll_wait(set, &event, 1, 0) == 1)
			seen[event.data.u64]++;
	}
	printf("%d %d %d\n", seen[0], seen[1], seen[2]);
	for (int i = 0; i < 3; i++)
		close(fds[i]);
	close(set);
}

static void nested(void)
{
	printf("case epolls: sets in sets\n");
	int inner = epoll_create1(0), counter = eventfd(0, 0);
	uint64_t one = 1;
	set = inner;
	CHANGE(EPOLL_CTL_ADD, counter, EPOLLIN, 1);
	set = epoll_create1(0);
	CHANGE(EPOLL_CTL_ADD, inner, EPOLLIN, 2);
	int outer = set;
	set = inner;
	CHANGE(EPOLL_CTL_ADD, outer, EPOLLIN, 3);
	set = outer;
	look("nothing", 0);
	write(counter, &one, 8);
	look("the inner one", 0);
	struct pollfd asked = {outer, POLLIN, 0};
	TRY(poll, &asked, 1, 0);
	close(counter), close(inner), close(outer);
}

static void timers(void)
{
	printf("case epolls: timers\n");
	TRY(timerfd_create, 99, 0);
	TRY(timerfd_create, CLOCK_MONOTONIC, 1);
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK), counter = eventfd(0, 0);
	struct itimerspec often = {{0, 20000000}, {0, 30000000}}, wrong = {{0, 0}, {0, 1000000000}}, before, off = {0};
	uint64_t value = 0;
	TRY(timerfd_settime, fd, 0, &wrong, 0);
	TRY(timerfd_settime, fd, 8, &often, 0);
	TRY(timerfd_settime, fd, 0, NOWHERE, 0);
	TRY(timerfd_settime, counter, 0, &often, 0);
	TRY(timerfd_gettime, counter, &before);
	TRY(read, fd, &value, 8);
	TRY(timerfd_settime, fd, 0, &often, &before);
	printf("was set: %d\n", before.it_value.tv_sec || before.it_value.tv_nsec);
	TRY(timerfd_gettime, fd, &before);
	printf("period %ld, something left: %d\n", before.it_interval.tv_nsec, before.it_value.tv_nsec > 0);
	set = epoll_create1(0);
	CHANGE(EPOLL_CTL_ADD, fd, EPOLLIN, 1);
	look("not yet", 0);
	look("it comes", 1000);
	TRY(read, fd, &value, 4);
	read(fd, &value, 8);
	printf("at least once: %d\n", value >= 1);
	look("it comes again", 1000);
	usleep(90000);
	read(fd, &value, 8);
	printf("several times: %d\n", value >= 3);
	TRY(timerfd_settime, fd, 0, &off, 0);
	look("off", 60);
	struct itimerspec once = {{0, 0}, {0, 10000000}};
	TRY(timerfd_settime, fd, 0, &once, 0);
	fcntl(fd, F_SETFL, 0);
	TRY(read, fd, &value, 8);
	printf("%lu\n", value);
	look("only once", 40);
	struct itimerspec past = {{0, 0}, {0, 1}};
	TRY(timerfd_settime, fd, TFD_TIMER_ABSTIME, &past, 0);
	look("a time that has passed", 0);
	close(fd);
	fd = timerfd_create(CLOCK_REALTIME, 0);
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	struct itimerspec soon = {{0, 0}, {now.tv_sec + 1, now.tv_nsec}};
	TRY(timerfd_settime, fd, TFD_TIMER_ABSTIME, &soon, 0);
	CHANGE(EPOLL_CTL_ADD, fd, EPOLLIN, 2);
	look("a time of day has not come", 100);
	look("and comes", 2000);
	close(fd), close(counter), close(set);
}

static void *later(void *argument)
{
	uint64_t one = 1;
	usleep(20000);
	write(*(int *)argument, &one, 8);
	return 0;
}

static void *adds(void *argument)
{
	usleep(20000);
	change(EPOLL_CTL_ADD, *(int *)argument, EPOLLIN, 7);
	return 0;
}

static void nothing(int signal)
{
	(void)signal;
}

static void waiting(void)
{
	printf("case epolls: waiting\n");
	set = epoll_create1(0);
	int counter = eventfd(0, 0), ready = eventfd(1, 0);
	change(EPOLL_CTL_ADD, counter, EPOLLIN, 1);
	pthread_t thread;
	pthread_create(&thread, 0, later, &counter);
	look("another thread writes", -1);
	pthread_join(thread, 0);
	uint64_t value;
	read(counter, &value, 8);
	pthread_create(&thread, 0, adds, &ready);
	look("another thread adds", -1);
	pthread_join(thread, 0);
	change(EPOLL_CTL_DEL, ready, 0, 0);
	look("time is up", 20);
	struct timespec finer = {0, 5000000};
	struct epoll_event event;
	TRY(epoll_pwait2, set, &event, 1, &finer, 0, 0);
	struct sigaction action = {.sa_handler = nothing, .sa_flags = SA_RESTART};
	sigaction(SIGALRM, &action, 0);
	sigset_t blocked, none;
	sigemptyset(&none);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGALRM);
	sigprocmask(SIG_BLOCK, &blocked, 0);
	raise(SIGALRM);
	TRY(epoll_wait, set, &event, 1, 10);
	TRY(epoll_pwait, set, &event, 1, -1, &none, 8);
	sigprocmask(SIG_UNBLOCK, &blocked, 0);
	close(counter), close(ready), close(set);
}

static void binder(void)
{
	printf("case epolls: a binder device\n");
	int fd = open("/dev/binder", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	void *region = mmap(0, 128 << 10, PROT_READ, MAP_PRIVATE, fd, 0);
	set = epoll_create1(0);
	CHANGE(EPOLL_CTL_ADD, fd, EPOLLIN, 1);
	look("a fresh thread", 0);
	struct binder_version version;
	TRY(ioctl, fd, BINDER_VERSION, &version);
	look("nothing for it", 0);
	TRY(ioctl, fd, BINDER_SET_CONTEXT_MGR, 0);
	/* A one-way call to itself: the kind that the device delivers to its own process. */
	struct {
		uint32_t command;
		struct binder_transaction_data data;
	} __attribute__((packed)) sent = {BC_TRANSACTION, {.flags = TF_ONE_WAY}};
	int other = open("/dev/binder", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	void *room = mmap(0, 4096, PROT_READ, MAP_PRIVATE, other, 0);
	struct binder_write_read exchange = {.write_size = sizeof sent, .write_buffer = (uintptr_t)&sent};
	TRY(ioctl, other, BINDER_WRITE_READ, &exchange);
	uint32_t enter = BC_ENTER_LOOPER;
	struct binder_write_read entering = {.write_size = 4, .write_buffer = (uintptr_t)&enter};
	TRY(ioctl, fd, BINDER_WRITE_READ, &entering);
	look("a call came", 1000);
	uint32_t returns[64];
	struct binder_write_read reading = {.read_size = sizeof returns, .read_buffer = (uintptr_t)returns};
	TRY(ioctl, fd, BINDER_WRITE_READ, &reading);
	printf("%llu %x\n", reading.read_consumed, returns[1]);
	look("it was taken", 0);
	printf("case epolls: a binder device, by edges\n");
	exchange.write_consumed = 0;
	TRY(ioctl, other, BINDER_WRITE_READ, &exchange);
	CHANGE(EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLET, 2);
	look("it waits since before", 0);
	look("that is no news", 0);
	struct {
		uint32_t command;
		uint64_t buffer;
	} __attribute__((packed)) given_back = {BC_FREE_BUFFER};
	memcpy(&given_back.buffer, (char *)returns + 8 + __builtin_offsetof(struct binder_transaction_data, data.ptr.buffer), 8);
	struct binder_write_read freeing = {.write_size = sizeof given_back, .write_buffer = (uintptr_t)&given_back};
	TRY(ioctl, fd, BINDER_WRITE_READ, &freeing);
	look("freeing the buffer brings the next call", 0);
	look("once", 0);
	reading.read_consumed = 0;
	TRY(ioctl, fd, BINDER_WRITE_READ, &reading);
	look("taken", 0);
	memcpy(&given_back.buffer, (char *)returns + 8 + __builtin_offsetof(struct binder_transaction_data, data.ptr.buffer), 8);
	freeing.write_consumed = 0;
	TRY(ioctl, fd, BINDER_WRITE_READ, &freeing);
	look("nothing comes", 0);
	for (int round = 0; round < 2; round++) {
		exchange.write_consumed = 0;
		TRY(ioctl, other, BINDER_WRITE_READ, &exchange);
		look("another call is news", 0);
		look("once", 0);
	}
	munmap(room, 4096), munmap(region, 128 << 10);
	close(other), close(fd), close(set);
}

int main(void)
{
	refusals();
	counters();
	levels();
	turns();
	nested();
	timers();
	waiting();
	binder();
	return 0;
}
