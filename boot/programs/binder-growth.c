/*
 * What calls cost with little and with much around: nodes, handles, buffers, opens, threads. Under instruction counting a
 * nanosecond is an instruction. Prints the calls whose cost grows by more than half. A freeze is none of them: it tells
 * each node of the frozen process.
 */
#include "talk.h"
#include <pthread.h>
#include <sys/prctl.h>

enum { MANY = 20000, IN_ONE = 500, TIMES = 64 };

static struct place manager, client;
static int other;

static uint64_t now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ull + time.tv_nsec;
}

/* One exchange without a word about it. */
static void quietly(const struct place *place, size_t room)
{
	struct binder_write_read exchange = { .write_buffer = (uintptr_t)out, .write_size = length, .read_buffer = (uintptr_t)in,
		.read_size = room };
	ioctl(place->fd, BINDER_WRITE_READ, &exchange);
	length = 0;
	for (uint8_t *at = in; at + 4 <= in + exchange.read_consumed;) {
		uint32_t word;
		memcpy(&word, at, 4);
		if (word == BR_TRANSACTION)
			memcpy(&got, at + 4, sizeof(got));
		at += 4 + _IOC_SIZE(word);
	}
}

static int many;

/* Some handle. */
static uint32_t some(int time)
{
	return 1 + time * 7919u % (many ? MANY : 10);
}

static void count_handle(int time)
{
	put_handle(BC_ACQUIRE, some(time));
	put_handle(BC_INCREFS, some(time + 1));
	put_handle(BC_RELEASE, some(time));
	put_handle(BC_DECREFS, some(time + 1));
	quietly(&manager, 0);
}

static void watch(int time)
{
	put_watch(BC_REQUEST_DEATH_NOTIFICATION, some(time), 7);
	put_watch(BC_CLEAR_DEATH_NOTIFICATION, some(time), 7);
	quietly(&manager, 512);
	put_watch(_IOW('c', 19, struct binder_handle_cookie), some(time), 8);
	put_watch(_IOW('c', 20, struct binder_handle_cookie), some(time), 8);
	quietly(&manager, 512);
}

static void ask(int time)
{
	struct binder_node_info_for_ref about = { .handle = some(time) };
	ioctl(manager.fd, BINDER_GET_NODE_INFO_FOR_REF, &about);
	struct binder_node_debug_info node = { .ptr = 0x1000 + 16 * some(time) };
	ioctl(client.fd, BINDER_GET_NODE_DEBUG_INFO, &node);
	struct pollfd file = { manager.fd, POLLIN, 0 };
	poll(&file, 1, 0);
}

static void send(int time)
{
	put_message(BC_TRANSACTION, some(time), 1, TF_ONE_WAY, "12345678", 8, NULL, 0);
	quietly(&manager, 512);
}

static void open_and_close(int time)
{
	(void)time;
	struct place place = enter("/dev/binder", O_NONBLOCK, 0x1000);
	struct pollfd file = { place.fd, POLLIN, 0 };
	poll(&file, 1, 0);
	close(place.fd);
	munmap(place.map, place.size);
}

static const struct { const char *name; void (*call)(int time); } calls[] = {
	{ "counts on handles", count_handle }, { "watches", watch }, { "questions", ask }, { "one-way calls", send },
	{ "opening and closing", open_and_close },
};
enum { CALLS = sizeof(calls) / sizeof(*calls) };

static uint64_t measure(int which)
{
	uint64_t least = ~0ull;
	for (int time = 0; time < TIMES; time++) {
		uint64_t start = now();
		calls[which].call(time);
		uint64_t took = now() - start;
		least = took < least ? took : least;
	}
	return least;
}

/* The client gives the manager nodes, a message at a time. */
static void give_nodes(int first, int count)
{
	static struct flat_binder_object nodes[IN_ONE];
	static binder_size_t offsets[IN_ONE];
	for (int index = 0; index < count; index++) {
		nodes[index] = (struct flat_binder_object){ .hdr.type = BINDER_TYPE_BINDER, .flags = 0x7f,
			.binder = 0x1000 + 16 * (first + index) };
		offsets[index] = index * sizeof(*nodes);
	}
	put_message(BC_TRANSACTION, 0, 1, TF_ONE_WAY, nodes, count * sizeof(*nodes), offsets, count * 8);
	quietly(&client, 0);
}

static void keep_nodes(int first, int count)
{
	quietly(&manager, 512);
	for (int handle = first; handle < first + count; handle++)
		put_handle(BC_ACQUIRE, handle);
	put_free(got.data.ptr.buffer);
	quietly(&manager, 0);
}

static void *sleep_long(void *unused)
{
	for (;;)
		pause();
	return unused;
}

/* Another process with many opens and threads. */
static void surround(void)
{
	if (fork())
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	pthread_t thread;
	pthread_attr_t small;
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 16384);
	for (int index = 0; index < 200; index++) {
		open("/dev/binder", O_RDWR);
		pthread_create(&thread, &small, sleep_long, NULL);
	}
	sleep_long(NULL);
}

int main(void)
{
	manager = enter("/dev/binder", O_NONBLOCK, 0x400000);
	become_manager(&manager, 0x7f);
	other = divide();
	if (other == 0) {
		client = enter("/dev/binder", O_NONBLOCK, 0x400000);
		quietly(&client, 512);
		give_nodes(0, 10);
		pass();
		surround();
		for (int given = 10; given < MANY; given += IN_ONE) {
			give_nodes(given, given + IN_ONE > MANY ? MANY - given : IN_ONE);
			pass();
		}
		sleep_long(NULL);
	}
	quietly(&manager, 512);
	client = manager;
	pass();
	keep_nodes(1, 10);
	uint64_t before[CALLS];
	for (int which = 0; which < CALLS; which++)
		before[which] = measure(which);
	for (int kept = 10; kept < MANY; kept += IN_ONE) {
		pass();
		keep_nodes(1 + kept, kept + IN_ONE > MANY ? MANY - kept : IN_ONE);
	}
	many = 1;
	int grown = 0;
	for (int which = 0; which < CALLS; which++) {
		uint64_t after = measure(which);
		if (after > before[which] + before[which] / 2) {
			printf("%s: %lu, then %lu\n", calls[which].name, before[which], after);
			grown++;
		}
	}
	printf("%d calls cost more\n", grown);
	kill(other, SIGKILL);
	return 0;
}
