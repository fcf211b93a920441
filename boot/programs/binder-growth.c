/*
 * What calls cost with little and with much around: nodes, handles, buffers, opens, threads, notifications asked for. Under
 * instruction counting a nanosecond is an instruction. The manager holds handles on all nodes of the client, which has
 * many threads and many messages that it has not read. Each prints those of its calls whose cost grows by more than half.
 */
#include "talk.h"
#include <pthread.h>
#include <sys/prctl.h>

#define BC_REQUEST_FREEZE_NOTIFICATION _IOW('c', 19, struct binder_handle_cookie)
#define BC_CLEAR_FREEZE_NOTIFICATION _IOW('c', 20, struct binder_handle_cookie)
#define BC_FREEZE_NOTIFICATION_DONE _IOW('c', 21, uint64_t)

enum { MANY = 20000, IN_ONE = 500, TIMES = 64, MESSAGES = 4000 };

static struct place manager, client;
static int other;

static uint64_t now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ull + time.tv_nsec;
}

/* One exchange without a word about it. Tells how much was read. */
static size_t quietly(const struct place *place, size_t room)
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
	return exchange.read_consumed;
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
	put_watch(BC_REQUEST_FREEZE_NOTIFICATION, some(time), 8);
	quietly(&manager, 512);
	put_watch(BC_CLEAR_FREEZE_NOTIFICATION, some(time), 8);
	quietly(&manager, 512);
}

static void acknowledge(int time)
{
	uint64_t nobody = MANY + time;
	put_command(BC_DEAD_BINDER_DONE, &nobody);
	quietly(&manager, 0);
	put_command(BC_FREEZE_NOTIFICATION_DONE, &nobody);
	quietly(&manager, 0);
}

static void ask(int time)
{
	struct binder_node_info_for_ref about = { .handle = some(time) };
	ioctl(manager.fd, BINDER_GET_NODE_INFO_FOR_REF, &about);
	struct pollfd file = { manager.fd, POLLIN, 0 };
	poll(&file, 1, 0);
}

static void ask_for_nodes(int time)
{
	struct binder_node_debug_info node = { .ptr = 0x1001 + 16 * some(time) };
	ioctl(client.fd, BINDER_GET_NODE_DEBUG_INFO, &node);
	ioctl(client.fd, BINDER_GET_NODE_DEBUG_INFO, &node);
}

static void freeze(int pid)
{
	struct binder_freeze_info info = { .pid = pid, .enable = 1 };
	struct binder_frozen_status_info status = { .pid = pid };
	if (ioctl(manager.fd, BINDER_FREEZE, &info))
		perror("a freeze");
	ioctl(manager.fd, BINDER_GET_FROZEN_INFO, &status);
	info.enable = 0;
	ioctl(manager.fd, BINDER_FREEZE, &info);
}

/* The other process, which the manager hears of, through one of its nodes. */
static void freeze_other(int time)
{
	put_watch(BC_REQUEST_FREEZE_NOTIFICATION, some(time), 8);
	quietly(&manager, 512);
	uint64_t cookie = 8;
	put_command(BC_FREEZE_NOTIFICATION_DONE, &cookie);
	quietly(&manager, 0);
	freeze(other);
	quietly(&manager, 512);
	put_command(BC_FREEZE_NOTIFICATION_DONE, &cookie);
	put_watch(BC_CLEAR_FREEZE_NOTIFICATION, some(time), 8);
	quietly(&manager, 512);
	quietly(&manager, 512);
}

static void freeze_itself(int time)
{
	(void)time;
	freeze(getpid());
}

static void leave_and_come_back(int time)
{
	uint32_t version;
	(void)time;
	ioctl(client.fd, BINDER_THREAD_EXIT, NULL);
	ioctl(client.fd, BINDER_VERSION, &version);
}

static void read_and_free(int time)
{
	(void)time;
	quietly(&client, 512);
	put_free(got.data.ptr.buffer);
	quietly(&client, 0);
}

static void send(int time)
{
	put_message(BC_TRANSACTION, some(time), 1, TF_ONE_WAY, "12345678", 8, NULL, 0);
	quietly(&manager, 512);
}

static void update(int code)
{
	put_message(BC_TRANSACTION, 1, code, TF_ONE_WAY | TF_UPDATE_TXN, "12345678", 8, NULL, 0);
	quietly(&manager, 512);
}

/* The least that it costs to send a call in the place of the last of so many that wait for a process, which is frozen. */
static uint64_t cost_of_update(int waiting)
{
	uint64_t least = ~0ull;
	for (int code = 0; code <= waiting; code++)
		update(code);
	for (int time = 0; time < TIMES; time++) {
		uint64_t start = now();
		update(waiting);
		uint64_t took = now() - start;
		least = took < least ? took : least;
	}
	return least;
}

/* Whether such a call costs more if more wait. */
static int updates_cost_more(void)
{
	struct binder_freeze_info info = { .pid = other, .enable = 1 };
	if (ioctl(manager.fd, BINDER_FREEZE, &info))
		perror("a freeze");
	uint64_t few = cost_of_update(10), many_more = cost_of_update(MESSAGES);
	int grown = many_more > few + few / 2;
	if (grown)
		printf("updates: %lu, then %lu\n", few, many_more);
	info.enable = 0;
	ioctl(manager.fd, BINDER_FREEZE, &info);
	return grown;
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

static const struct { const char *name; void (*call)(int time); } calls[2][9] = {
	{ { "freezing and thawing another process", freeze_other }, { "freezing and thawing oneself", freeze_itself },
	  { "counts on handles", count_handle }, { "watches", watch }, { "acknowledgements", acknowledge }, { "questions", ask },
	  { "one-way calls", send }, { "opening and closing", open_and_close } },
	{ { "reading and freeing", read_and_free }, { "questions for nodes", ask_for_nodes },
	  { "a thread's end and beginning", leave_and_come_back } },
};

/* What each call costs now, or how many cost more than before. */
static int measure(uint64_t *before, int compare)
{
	int grown = 0;
	for (int which = 0; calls[side][which].name; which++) {
		uint64_t least = ~0ull;
		for (int time = 0; time < TIMES; time++) {
			uint64_t start = now();
			calls[side][which].call(time);
			uint64_t took = now() - start;
			least = took < least ? took : least;
		}
		if (!compare) {
			before[which] = least;
		} else if (least > before[which] + before[which] / 2) {
			printf("%s: %lu, then %lu\n", calls[side][which].name, before[which], least);
			grown++;
		}
	}
	return grown;
}

/* Nothing is under way to the client any more. */
static void read_and_free_all(void)
{
	do
		got.data.ptr.buffer = 0;
	while (quietly(&client, sizeof(in)) > 4 && (put_free(got.data.ptr.buffer), 1));
}

static void send_messages(int count)
{
	for (int time = 0; time < count; time++)
		send(time);
}

static void *show_itself(void *unused)
{
	uint32_t version;
	ioctl(client.fd, BINDER_VERSION, &version);
	return unused;
}

/* The driver knows a thread until its file is closed, though it has ended. */
static void have_threads(void)
{
	pthread_t thread;
	for (int index = 0; index < MANY; index++) {
		pthread_create(&thread, NULL, show_itself, NULL);
		pthread_join(thread, NULL);
	}
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

static void be_client(void)
{
	uint64_t before[9];
	client = enter("/dev/binder", O_NONBLOCK, 0x400000);
	quietly(&client, 512);
	give_nodes(0, 10);
	pass();
	measure(before, 0);
	read_and_free_all();
	pass();
	surround();
	have_threads();
	many = 1;
	for (int given = 10; given < MANY; given += IN_ONE) {
		give_nodes(given, given + IN_ONE > MANY ? MANY - given : IN_ONE);
		read_and_free_all();
		pass();
	}
	read_and_free_all();
	pass();
	printf("%d calls of the client cost more\n", measure(before, 1));
	pass();
}

int main(void)
{
	uint64_t before[9];
	manager = enter("/dev/binder", O_NONBLOCK, 0x400000);
	become_manager(&manager, 0x7f);
	other = divide();
	if (other == 0) {
		be_client();
		return 0;
	}
	quietly(&manager, 512);
	pass();
	keep_nodes(1, 10);
	/* While messages are under way, nobody can be frozen. */
	measure(before, 0);
	fflush(stdout);
	send_messages(TIMES);
	pass();
	for (int kept = 10; kept < MANY; kept += IN_ONE) {
		pass();
		keep_nodes(1 + kept, kept + IN_ONE > MANY ? MANY - kept : IN_ONE);
	}
	many = 1;
	for (int handle = 1; handle <= MANY; handle++) {
		put_watch(BC_REQUEST_DEATH_NOTIFICATION, handle, handle);
		quietly(&manager, 0);
	}
	int grown = updates_cost_more();
	pass();
	printf("%d calls of the manager cost more\n", grown + measure(before, 1));
	send_messages(MESSAGES);
	pass();
	bury(other);
	return 0;
}
