/*
 * Binder and readiness: poll and epoll of several threads, and closing what another thread waits for.
 */
#include "talk.h"
#include <pthread.h>
#include <sys/epoll.h>

static struct place manager, client;
static int server;

static void *wait_in_poll(void *timeout)
{
	struct pollfd file = { manager.fd, POLLIN, 0 };
	long result = SYS(poll, &file, 1, *(int *)timeout);
	printf("a waiting thread: %ld, %x\n", result, file.revents);
	fflush(stdout);
	return NULL;
}

static pthread_t wait_aside(int *timeout)
{
	pthread_t thread;
	pthread_create(&thread, NULL, wait_in_poll, timeout);
	usleep(50000);
	return thread;
}

static void enter_both(void)
{
	manager = enter("/dev/binder", O_NONBLOCK, 0x8000);
	become_manager(&manager, 0);
	talk(&manager, "first");
}

static void leave(struct place *place)
{
	close(place->fd);
	munmap(place->map, place->size);
	usleep(200000);
}

/* A process that calls the manager when it is its turn. */
static void call_by_turns(uint32_t flags)
{
	server = divide();
	if (server)
		return;
	client = enter("/dev/binder", O_NONBLOCK, 0x4000);
	talk(&client, "first");
	for (;;) {
		put_message(BC_TRANSACTION, 0, 1, flags, NULL, 0, NULL, 0);
		talk(&client, "a call");
		pass();
		talk(&client, "and what came of it");
	}
}

static void end_calls(void)
{
	kill(server, SIGKILL);
	bury(server);
}

static void poll_of_several_threads(void)
{
	begin("several threads wait in poll");
	enter_both();
	struct pollfd file = { manager.fd, POLLIN, 0 };
	int long_time = 1000;
	/* Each thread's first poll tells of what a new thread has: nothing, but at once. */
	pthread_t first = wait_aside(&long_time);
	pthread_join(first, NULL);
	call_by_turns(TF_ONE_WAY);
	pass();
	show("poll", SYS(poll, &file, 1, 0));
	talk(&manager, "a read");
	show("poll", SYS(poll, &file, 1, 0));
	put_free(got.data.ptr.buffer);
	talk(&manager, "the buffer is free");
	pass();
	file.events = POLLOUT | POLLRDNORM | POLLPRI;
	show("poll", SYS(poll, &file, 1, 0));
	show("events", file.revents);
	file.events = 0xffff;
	show("poll", SYS(poll, &file, 1, 0));
	show("events", file.revents);
	end_calls();
	leave(&manager);
}

/* CVE-2024-26606: a thread that polls was not told of what it had queued to itself. */
static void epoll_of_a_thread(uint32_t events, const char *name)
{
	begin(name);
	enter_both();
	int set = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event wish = { .events = events, .data.u64 = 5 }, event = { 0 };
	show("add", epoll_ctl(set, EPOLL_CTL_ADD, manager.fd, &wish));
	show("nothing", epoll_wait(set, &event, 1, 0));
	call_by_turns(0);
	pass();
	show("a call", epoll_wait(set, &event, 1, 0));
	show("events", event.events);
	talk(&manager, "a read");
	show("in the call", epoll_wait(set, &event, 1, 0));
	put_message(BC_REPLY, 0, 1, 0, NULL, 0, NULL, 0);
	talk_at(&manager, "a reply", NULL, 0);
	show("its acceptance", epoll_wait(set, &event, 1, 0));
	talk(&manager, "a read");
	show("nothing", epoll_wait(set, &event, 1, 0));
	pass();
	show("a call", epoll_wait(set, &event, 1, 0));
	show("remove", epoll_ctl(set, EPOLL_CTL_DEL, manager.fd, NULL));
	show("nothing", epoll_wait(set, &event, 1, 0));
	show("add", epoll_ctl(set, EPOLL_CTL_ADD, manager.fd, &wish));
	show("the same call", epoll_wait(set, &event, 1, 0));
	close(set);
	end_calls();
	leave(&manager);
}

static void *close_it(void *unused)
{
	show("close", close(manager.fd));
	usleep(300000);
	return unused;
}

static void closing_under_poll(void)
{
	begin("closing what another thread waits for in poll");
	enter_both();
	struct pollfd file = { manager.fd, POLLIN, 0 };
	show("poll", SYS(poll, &file, 1, 0));
	client = enter("/dev/binder", O_NONBLOCK, 0x4000);
	munmap(manager.map, manager.size);
	pthread_t thread;
	pthread_create(&thread, NULL, close_it, NULL);
	show("poll", SYS(poll, &file, 1, 200));
	show("events", file.revents);
	pthread_join(thread, NULL);
	show("poll", SYS(poll, &file, 1, 0));
	show("events", file.revents);
	leave(&client);
	usleep(200000);
}

static void *leave_thread(void *unused)
{
	talk(&manager, "another thread's first");
	talk(&manager, "its second");
	show("it leaves", SYS(ioctl, manager.fd, BINDER_THREAD_EXIT, 0));
	talk(&manager, "its first again");
	return unused;
}

static void threads_that_leave(void)
{
	begin("a thread that leaves and comes again");
	enter_both();
	pthread_t thread;
	pthread_create(&thread, NULL, leave_thread, NULL);
	pthread_join(thread, NULL);
	struct pollfd file = { manager.fd, POLLIN, 0 };
	show("poll", SYS(poll, &file, 1, 0));
	show("leaves", SYS(ioctl, manager.fd, BINDER_THREAD_EXIT, 0));
	show("poll", SYS(poll, &file, 1, 0));
	show("leaves", SYS(ioctl, manager.fd, BINDER_THREAD_EXIT, 0));
	show("leaves", SYS(ioctl, manager.fd, BINDER_THREAD_EXIT, 0));
	talk(&manager, "first");
	talk(&manager, "second");
	leave(&manager);
}

static void a_set_outlives_its_thread(uint32_t events, const char *name)
{
	begin(name);
	enter_both();
	int set = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event wish = { .events = events, .data.u64 = 5 }, event = { 0 };
	show("add", epoll_ctl(set, EPOLL_CTL_ADD, manager.fd, &wish));
	show("nothing", epoll_wait(set, &event, 1, 0));
	show("it leaves", SYS(ioctl, manager.fd, BINDER_THREAD_EXIT, 0));
	show("a last time", epoll_wait(set, &event, 1, 0));
	show("again", epoll_wait(set, &event, 1, 0));
	talk(&manager, "first");
	show("nothing", epoll_wait(set, &event, 1, 0));
	call_by_turns(TF_ONE_WAY);
	pass();
	show("a call is not told of", epoll_wait(set, &event, 1, 100));
	struct pollfd file = { manager.fd, POLLIN, 0 };
	show("but there", SYS(poll, &file, 1, 0));
	show("change", epoll_ctl(set, EPOLL_CTL_MOD, manager.fd, &wish));
	show("now it is told of", epoll_wait(set, &event, 1, 0));
	talk(&manager, "a read");
	show("nothing", epoll_wait(set, &event, 1, 0));
	put_free(got.data.ptr.buffer);
	talk(&manager, "the buffer is free");
	pass();
	show("the next is not", epoll_wait(set, &event, 1, 100));
	show("remove", epoll_ctl(set, EPOLL_CTL_DEL, manager.fd, NULL));
	show("add", epoll_ctl(set, EPOLL_CTL_ADD, manager.fd, &wish));
	show("there again", epoll_wait(set, &event, 1, 0));
	talk(&manager, "a read");
	close(set);
	end_calls();
	leave(&manager);
}

static void many_threads(void)
{
	begin("numbers of threads");
	enter_both();
	static const uint32_t counts[] = { 0, 1, 0x7fffffff, 0xffffffff };
	for (int index = 0; index < 4; index++) {
		uint32_t count = counts[index];
		show("the most", SYS(ioctl, manager.fd, BINDER_SET_MAX_THREADS, &count));
		uint32_t looper = BC_ENTER_LOOPER;
		put(&looper, 4);
		talk(&manager, "a looper");
		put_message(BC_TRANSACTION, 9, 1, 0, NULL, 0, NULL, 0);
		talk(&manager, "a call that fails");
		looper = BC_REGISTER_LOOPER;
		put(&looper, 4);
		talk(&manager, "it registers");
		put_message(BC_TRANSACTION, 9, 1, 0, NULL, 0, NULL, 0);
		talk(&manager, "a call that fails");
	}
	leave(&manager);
}

int main(void)
{
	poll_of_several_threads();
	epoll_of_a_thread(EPOLLIN, "a set tells of calls and of own replies");
	epoll_of_a_thread(EPOLLIN | EPOLLET, "a set for edges tells of calls and of own replies");
	threads_that_leave();
	a_set_outlives_its_thread(EPOLLIN, "a set of a thread that left");
	a_set_outlives_its_thread(EPOLLIN | EPOLLET, "a set for edges of a thread that left");
	many_threads();
	closing_under_poll();
	return 0;
}
