/*
 * What once broke other binder drivers, each as what a driver must do instead. Every case ends with as many objects and
 * descriptors as there were before it; what chance decides is not printed.
 */
#include "talk.h"
#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>

#define BC_REQUEST_FREEZE _IOW('c', 19, struct binder_handle_cookie)
#define BC_CLEAR_FREEZE _IOW('c', 20, struct binder_handle_cookie)
#define BC_FREEZE_DONE _IOW('c', 21, uint64_t)
#define SECURITY_CONTEXT 0x1000
#define NODE_FLAGS 0x17f

enum { ROUNDS = 24 };

static struct place manager;

static char names[16][32];

/* Objects of each kind that the driver has. */
static int count_objects(int *counts)
{
	FILE *file = fopen("/sys/kernel/debug/binder/stats", "r");
	char text[200], *active;
	int kinds = 0;
	while (file && fgets(text, sizeof(text), file) && strncmp(text, "proc ", 5))
		if ((active = strstr(text, ": active ")) && kinds < 16) {
			snprintf(names[kinds], sizeof(names[kinds]), "%.*s", (int)(active - text), text);
			counts[kinds++] = atoi(active + 9);
		}
	if (file)
		fclose(file);
	return kinds;
}

static int firsts[16];
static int lowest_first;

static int lowest(void)
{
	int fd = dup(0);
	close(fd);
	return fd;
}

static void start(const char *name)
{
	begin(name);
	count_objects(firsts);
	lowest_first = lowest();
}

/* Waits until all but the objects of one kind is as before, for some time. */
static void finish_but(const char *kind_left)
{
	int counts[16], left = 1, kinds = 0;
	for (int tries = 0; left && tries < 100; tries++) {
		usleep(tries ? 50000 : 0);
		kinds = count_objects(counts);
		left = 0;
		for (int kind = 0; kind < kinds; kind++)
			left += counts[kind] != firsts[kind] && strcmp(names[kind], kind_left);
	}
	for (int kind = 0; kind < kinds; kind++)
		if (counts[kind] != firsts[kind] && strcmp(names[kind], kind_left))
			printf("left: %s %d\n", names[kind], counts[kind] - firsts[kind]);
	printf("left: %d kinds of objects, %d descriptors\n", left, lowest() - lowest_first);
	fflush(stdout);
}

static void finish(void)
{
	finish_but("");
}

static void leave(struct place *place)
{
	close(place->fd);
	munmap(place->map, place->size);
}

/* What one exchange returned, without a word about it. */
static struct seen { int calls, replies, complete, failed, dead, deaths, cleared, errors, frozen; } seen;

static long quietly(const struct place *place, size_t room)
{
	struct binder_write_read exchange = { .write_buffer = (uintptr_t)out, .write_size = length, .read_buffer = (uintptr_t)in,
		.read_size = room };
	long result = SYS(ioctl, place->fd, BINDER_WRITE_READ, &exchange);
	length = 0;
	for (uint8_t *at = in; at + 4 <= in + exchange.read_consumed;) {
		uint32_t word;
		uint64_t pair[2];
		memcpy(&word, at, 4);
		at += 4;
		memcpy(pair, at, 16);
		if (word == BR_TRANSACTION || word == BR_REPLY)
			memcpy(&got, at, sizeof(got));
		seen.calls += word == BR_TRANSACTION;
		seen.replies += word == BR_REPLY;
		seen.complete += word == BR_TRANSACTION_COMPLETE;
		seen.failed += word == BR_FAILED_REPLY;
		seen.dead += word == BR_DEAD_REPLY;
		seen.deaths += word == BR_DEAD_BINDER;
		seen.cleared += word == BR_CLEAR_DEATH_NOTIFICATION_DONE;
		seen.errors += word == BR_ERROR;
		seen.frozen += _IOC_NR(word) == 21;
		if (word == BR_INCREFS || word == BR_ACQUIRE)
			put_command(word == BR_INCREFS ? BC_INCREFS_DONE : BC_ACQUIRE_DONE, pair);
		at += _IOC_SIZE(word);
	}
	return result < 0 ? result : (long)exchange.read_consumed;
}

/* Reads until there is nothing. */
static void read_all(const struct place *place)
{
	while (quietly(place, 512) > 4)
		;
}

static void put_scattered(uint32_t handle, uint32_t flags, const void *data, size_t size, const void *offsets,
			  size_t offsets_size, uint64_t buffers)
{
	struct binder_transaction_data_sg message = {
		.transaction_data = { .target.handle = handle, .code = 1, .flags = flags, .data_size = size,
			.offsets_size = offsets_size, .data.ptr.buffer = (uintptr_t)data, .data.ptr.offsets = (uintptr_t)offsets },
		.buffers_size = buffers,
	};
	put_command(BC_TRANSACTION_SG, &message);
}

/* One node or handle as a message. */
static struct flat_binder_object object;
static const binder_size_t at_start = 0;

static void put_object(uint32_t command, uint32_t handle, uint32_t flags, uint32_t type, uint64_t value)
{
	object = (struct flat_binder_object){ .hdr.type = type, .flags = NODE_FLAGS, .binder = value, .cookie = value };
	if (type == BINDER_TYPE_HANDLE)
		object = (struct flat_binder_object){ .hdr.type = type, .flags = NODE_FLAGS, .handle = value };
	put_message(command, handle, 1, flags, &object, sizeof(object), &at_start, 8);
}

/* A process that gives the manager a node and does nothing more. Its handle. */
static uint32_t keep_node(void)
{
	memset(&got, 0, sizeof(got));
	quietly(&manager, 512);
	uint32_t handle = ((struct flat_binder_object *)(uintptr_t)got.data.ptr.buffer)->handle;
	put_handle(BC_ACQUIRE, handle);
	put_free(got.data.ptr.buffer);
	quietly(&manager, 0);
	return handle;
}

static int make_owner(uint32_t *handle, size_t size)
{
	int owner = divide();
	if (owner == 0) {
		struct place place = enter("/dev/binder", O_NONBLOCK, size);
		quietly(&place, 512);
		put_object(BC_TRANSACTION, 0, TF_ONE_WAY, BINDER_TYPE_BINDER, 0x1000);
		quietly(&place, 512);
		quietly(&place, 0);
		pass();
		for (;;)
			pause();
	}
	pass();
	*handle = keep_node();
	return owner;
}

static void end(int process)
{
	kill(process, SIGKILL);
	waitpid(process, NULL, 0);
	for (int pipe = 0; pipe < 4; pipe++)
		close(turns[pipe / 2][pipe % 2]);
}

static void manage(uint32_t flags)
{
	manager = enter("/dev/binder", O_NONBLOCK, 0x20000);
	become_manager(&manager, flags);
	quietly(&manager, 512);
}

/*
 * CVE-2018-9465: descriptors were put into the table of a process that was ending. Other drivers answered BR_ERROR.
 */
static void descriptors_for_a_process_that_is_killed(void)
{
	manage(NODE_FLAGS);
	start("descriptors sent to a process that is killed are let go");
	memset(&seen, 0, sizeof(seen));
	int ends[2], closed = 0;
	for (int round = 0; round < ROUNDS; round++) {
		uint32_t handle;
		int receiver = make_owner(&handle, 0x4000);
		if (pipe(ends))
			exit(1);
		struct binder_fd_object letter = { .hdr.type = BINDER_TYPE_FD, .fd = ends[1] };
		uint32_t fds[2] = { ends[1], ends[1] };
		struct { uint64_t first; struct binder_buffer_object buffer; struct binder_fd_array_object array; } letters = {
			.buffer = { .hdr.type = BINDER_TYPE_PTR, .buffer = (uintptr_t)fds, .length = sizeof(fds) },
			.array = { .hdr.type = BINDER_TYPE_FDA, .num_fds = 2 },
		};
		static const binder_size_t places[2] = { 8, 48 };
		for (int message = 0; message < 4; message++) {
			if (message == round % 4)
				kill(receiver, SIGKILL);
			put_message(BC_TRANSACTION, handle, 1, message < 3 ? TF_ONE_WAY : 0, &letter, sizeof(letter), &at_start, 8);
			quietly(&manager, 512);
			put_scattered(handle, TF_ONE_WAY, &letters, sizeof(letters), places, sizeof(places), 8);
			quietly(&manager, 512);
		}
		end(receiver);
		put_handle(BC_RELEASE, handle);
		quietly(&manager, 0);
		usleep(20000);
		read_all(&manager);
		close(ends[1]);
		struct pollfd file = { ends[0], POLLIN, 0 };
		closed += poll(&file, 1, 2000) == 1 && read(ends[0], fds, 1) == 0;
		close(ends[0]);
	}
	printf("%d of %d closed, %d errors\n", closed, ROUNDS, seen.errors);
	finish();
	leave(&manager);
}

/*
 * CVE-2018-20509, CVE-2018-20510: the debug files told where the kernel's objects are.
 */
static void addresses_in_files(void)
{
	static const char *const names[] = { "state", "stats", "transactions", "transaction_log", "failed_transaction_log" };
	static char text[1 << 17];
	manage(NODE_FLAGS);
	start("no file tells an address of the kernel");
	uint32_t handle;
	int owner = make_owner(&handle, 0x4000), addresses = 0, files = 0;
	/* There is no such handle: now the log of what failed is not empty. */
	put_message(BC_TRANSACTION, 0x3333, 1, TF_ONE_WAY, NULL, 0, NULL, 0);
	quietly(&manager, 512);
	put_watch(BC_REQUEST_DEATH_NOTIFICATION, handle, 0x77);
	put_object(BC_TRANSACTION, handle, 0, BINDER_TYPE_BINDER, 0x10);
	quietly(&manager, 512);
	put_message(BC_TRANSACTION, handle, 2, TF_ONE_WAY, NULL, 0, NULL, 0);
	put_message(BC_TRANSACTION, handle, 2, TF_ONE_WAY, NULL, 0, NULL, 0);
	quietly(&manager, 512);
	for (int name = 0; name < 7; name++) {
		char path[64];
		if (name < 5)
			snprintf(path, sizeof(path), "/sys/kernel/debug/binder/%s", names[name]);
		else
			snprintf(path, sizeof(path), "/sys/kernel/debug/binder/proc/%d", name == 5 ? getpid() : owner);
		int fd = open(path, O_RDONLY);
		long size = 0, count;
		while ((count = read(fd, text + size, sizeof(text) - 1 - size)) > 0)
			size += count;
		close(fd);
		text[size] = 0;
		files += size > 0;
		for (char *at = text; (at = strstr(at, "ffff")); at += 4)
			addresses += strspn(at, "0123456789abcdef") >= 12;
	}
	printf("%d files, %d addresses\n", files, addresses);
	end(owner);
	usleep(100000);
	read_all(&manager);
	put_handle(BC_RELEASE, handle);
	quietly(&manager, 0);
	leave(&manager);
	usleep(200000);
}

static volatile int is_over;

static void *free_everything(void *unused)
{
	uint8_t commands[12 * 64];
	for (int at = 0; at < 64; at++) {
		uint32_t command = BC_FREE_BUFFER;
		uint64_t address = (uintptr_t)manager.map + 8 * at;
		memcpy(commands + 12 * at, &command, 4);
		memcpy(commands + 12 * at + 4, &address, 8);
	}
	struct binder_write_read exchange = { .write_buffer = (uintptr_t)commands, .write_size = sizeof(commands) };
	while (!is_over) {
		exchange.write_consumed = 0;
		SYS(ioctl, manager.fd, BINDER_WRITE_READ, &exchange);
		sched_yield();
	}
	return unused;
}

/*
 * CVE-2019-2025: a receiver freed a buffer by its address while it was being filled.
 */
static void buffers_freed_before_they_arrive(void)
{
	manage(NODE_FLAGS);
	start("a buffer is not freed before it was read");
	int caller = divide();
	if (caller == 0) {
		struct place place = enter("/dev/binder", 0, 0x4000);
		memset(&seen, 0, sizeof(seen));
		for (uint64_t round = 0; round < 200; round++) {
			uint64_t data[16];
			for (int at = 0; at < 16; at++)
				data[at] = round * 100 + at;
			put_message(BC_TRANSACTION, 0, round, 0, data, sizeof(data), NULL, 0);
			int before = seen.replies;
			while (seen.replies == before)
				quietly(&place, 512);
			put_free(got.data.ptr.buffer);
			quietly(&place, 0);
		}
		printf("%d replies\n", seen.replies);
		fflush(stdout);
		pass();
		exit(0);
	}
	pthread_t thread;
	is_over = 0;
	pthread_create(&thread, NULL, free_everything, NULL);
	let();
	int wrong = 0;
	memset(&seen, 0, sizeof(seen));
	while (seen.calls < 200) {
		int before = seen.calls;
		quietly(&manager, 512);
		if (seen.calls == before) {
			sched_yield();
			continue;
		}
		const uint64_t *data = (const uint64_t *)(uintptr_t)got.data.ptr.buffer;
		for (int at = 0; at < 16; at++)
			wrong += data[at] != got.code * 100ull + at;
		put_message(BC_REPLY, 0, 1, 0, NULL, 0, NULL, 0);
		quietly(&manager, 512);
	}
	is_over = 1;
	pthread_join(thread, NULL);
	char byte;
	read(turns[0][0], &byte, 1);
	printf("%d wrong words\n", wrong);
	bury(caller);
	SYS(ioctl, manager.fd, BINDER_THREAD_EXIT, 0);
	leave(&manager);
	usleep(200000);
}

/*
 * CVE-2019-2213: a transaction was let go of by its reply or its end, and by the freeing of its buffer.
 */
static void buffers_freed_early(void)
{
	static const char *const ways[] = { "answered", "left", "killed" };
	begin("a call whose buffer is freed first still ends");
	for (int way = 0; way < 3; way++) {
		memset(&seen, 0, sizeof(seen));
		for (int round = 0; round < 8; round++) {
			int server = divide();
			if (server == 0) {
				manage(NODE_FLAGS);
				pass();
				quietly(&manager, 512);
				uint64_t buffer = got.data.ptr.buffer;
				if (round % 2 == 0)
					put_free(buffer);
				if (way == 0)
					put_message(BC_REPLY, 0, 1, 0, NULL, 0, NULL, 0);
				quietly(&manager, 512);
				if (way == 1)
					SYS(ioctl, manager.fd, BINDER_THREAD_EXIT, 0);
				put_free(buffer);
				put_free(buffer);
				quietly(&manager, 0);
				if (way < 2)
					pass();
				_exit(0);
			}
			struct place place = enter("/dev/binder", O_NONBLOCK, 0x4000);
			quietly(&place, 512);
			pass();
			put_message(BC_TRANSACTION, 0, 1, 0, "12345678", 8, NULL, 0);
			quietly(&place, 512);
			if (way < 2) {
				pass();
			} else {
				let();
				waitpid(server, NULL, 0);
				usleep(100000);
			}
			read_all(&place);
			bury(server);
			leave(&place);
		}
		printf("%s: %d accepted, %d replies, %d dead\n", ways[way], seen.complete, seen.replies, seen.dead);
	}
}

static int set;

static void *wait_for_event(void *unused)
{
	struct epoll_event event = { 0 };
	show("another thread hears", epoll_wait(set, &event, 1, 2000));
	return unused;
}

/*
 * CVE-2019-2215, CVE-2020-0030: a set of files kept hold of a thread that was no more.
 */
static void sets_of_threads_that_left(void)
{
	manage(NODE_FLAGS);
	start("a set forgets a thread that left");
	struct epoll_event wish = { .events = EPOLLIN }, event = { 0 };
	for (int round = 0; round < 4; round++) {
		set = epoll_create1(EPOLL_CLOEXEC);
		show("add", SYS(epoll_ctl, set, EPOLL_CTL_ADD, manager.fd, &wish));
		show("leave", SYS(ioctl, manager.fd, BINDER_THREAD_EXIT, 0));
		if (round & 1)
			show("remove", SYS(epoll_ctl, set, EPOLL_CTL_DEL, manager.fd, NULL));
		if (round & 2) {
			show("add", SYS(epoll_ctl, set, EPOLL_CTL_ADD, manager.fd, &wish));
			show("wait", epoll_wait(set, &event, 1, 0));
		}
		close(set);
		show("leave", SYS(ioctl, manager.fd, BINDER_THREAD_EXIT, 0));
	}
	talk(&manager, "first");
	set = epoll_create1(EPOLL_CLOEXEC);
	show("add", SYS(epoll_ctl, set, EPOLL_CTL_ADD, manager.fd, &wish));
	pthread_t thread;
	pthread_create(&thread, NULL, wait_for_event, NULL);
	usleep(100000);
	show("leave", SYS(ioctl, manager.fd, BINDER_THREAD_EXIT, 0));
	pthread_join(thread, NULL);
	show("remove", SYS(epoll_ctl, set, EPOLL_CTL_DEL, manager.fd, NULL));
	close(set);
	talk(&manager, "first");
	talk(&manager, "second");
	finish();
	leave(&manager);
	usleep(200000);
}

/*
 * CVE-2021-39686: who a caller is was asked of the thread that called, not of who opened the device.
 */
static void who_a_caller_is(void)
{
	begin("who a caller is is settled when it opens");
	manage(NODE_FLAGS | SECURITY_CONTEXT);
	int caller = divide();
	if (caller == 0) {
		struct place place = enter("/dev/binder", O_NONBLOCK, 0x4000);
		talk(&place, "first");
		for (int user = 0; user < 3000; user += 1000) {
			SYS(setresuid, 0, 0, 0);
			SYS(setresuid, user, user, 0);
			put_message(BC_TRANSACTION, 0, user, TF_ONE_WAY, NULL, 0, NULL, 0);
			talk(&place, "a call");
			pass();
		}
		exit(0);
	}
	pass();
	for (int user = 0; user < 3000; user += 1000) {
		struct binder_write_read exchange = { .read_buffer = (uintptr_t)in, .read_size = 512 };
		ioctl(manager.fd, BINDER_WRITE_READ, &exchange);
		uint64_t context;
		memcpy(&got, in + 8, sizeof(got));
		memcpy(&context, in + 8 + sizeof(got), 8);
		printf("code %u from user %d: %s\n", got.code, got.sender_euid,
		       exchange.read_consumed > 76 ? (char *)(uintptr_t)context : "nothing");
		put_free(got.data.ptr.buffer);
		quietly(&manager, 0);
		if (user < 2000)
			pass();
	}
	bury(caller);
	leave(&manager);
	usleep(200000);
}

/*
 * CVE-2022-20421: a reference that could not be counted stayed on its node, though its process had ended.
 */
static void handles_for_a_process_that_ends(void)
{
	manage(NODE_FLAGS);
	start("a node is not referred to by a process that has ended");
	for (int round = 0; round < ROUNDS; round++) {
		uint32_t owned, receiving;
		int owner = make_owner(&owned, 0x4000);
		int pipes[2][2];
		memcpy(pipes, turns, sizeof(turns));
		int receiver = make_owner(&receiving, 0x4000);
		for (int message = 0; message < 6; message++) {
			if (message == round % 6)
				kill(receiver, SIGKILL);
			put_object(BC_TRANSACTION, receiving, TF_ONE_WAY, BINDER_TYPE_HANDLE, owned);
			quietly(&manager, 512);
		}
		if (round % 2)
			end(receiver);
		kill(owner, SIGKILL);
		waitpid(owner, NULL, 0);
		if (round % 2 == 0)
			end(receiver);
		memcpy(turns, pipes, sizeof(turns));
		for (int pipe = 0; pipe < 4; pipe++)
			close(turns[pipe / 2][pipe % 2]);
		put_handle(BC_RELEASE, owned);
		put_handle(BC_RELEASE, receiving);
		read_all(&manager);
	}
	finish();
	leave(&manager);
	usleep(200000);
}

/*
 * CVE-2023-20928, CVE-2026-43434: the mapping was found by its address, whatever lay there by then.
 */
static void mappings_replaced(void)
{
	static const char *const ways[] = { "the whole", "its first page", "a page within" };
	for (int way = 0; way < 3; way++) {
		char name[100];
		snprintf(name, sizeof(name), "memory in the place of the mapping is not written: %s", ways[way]);
		begin(name);
		manage(NODE_FLAGS);
		size_t from = way == 2 ? 0x2000 : 0, size = way == 0 ? manager.size : 0x1000;
		int caller = divide();
		if (caller == 0) {
			struct place place = enter("/dev/binder", O_NONBLOCK, 0x4000);
			talk(&place, "first");
			static char data[0x3000];
			memset(data, 0x11, sizeof(data));
			put_message(BC_TRANSACTION, 0, 1, TF_ONE_WAY, data, sizeof(data), NULL, 0);
			talk(&place, "before");
			pass();
			put_message(BC_TRANSACTION, 0, 2, TF_ONE_WAY, data, sizeof(data), NULL, 0);
			talk(&place, "one way");
			put_message(BC_TRANSACTION, 0, 3, 0, data, sizeof(data), NULL, 0);
			talk(&place, "both ways");
			pass();
			talk(&place, "the end");
			exit(0);
		}
		pass();
		show("unmap", munmap(manager.map + from, size));
		uint8_t *memory = mmap(manager.map + from, size, PROT_READ | PROT_WRITE, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		memset(memory, 0x5a, size);
		pass();
		talk(&manager, "a read");
		put_free(got.data.ptr.buffer);
		talk(&manager, "another read");
		int changed = 0;
		for (size_t at = 0; at < size; at++)
			changed += memory[at] != 0x5a;
		printf("%d bytes changed\n", changed);
		bury(caller);
		leave(&manager);
		usleep(200000);
	}
}

/*
 * CVE-2024-56553 to CVE-2024-56556: freeze notifications of ending processes leaked, or were used when they were gone.
 */
static void freezes_in_every_order(void)
{
	static const char letters[] = "RCFK";
	manage(NODE_FLAGS);
	start("freeze notifications end in every order");
	for (int order = 0; order < 256; order++) {
		int steps[4], used = 0;
		for (int step = 0; step < 4; step++) {
			steps[step] = order >> 2 * step & 3;
			used |= 1 << steps[step];
		}
		if (used != 15)
			continue;
		for (int acknowledges = 0; acknowledges < 2; acknowledges++) {
			uint32_t handle;
			int owner = make_owner(&handle, 0x4000);
			for (int step = 0; step < 4; step++) {
				char text[16];
				struct binder_freeze_info info = { .pid = owner, .enable = 1 };
				uint64_t cookie = 0x99;
				snprintf(text, sizeof(text), "%c", letters[steps[step]]);
				if (steps[step] == 0)
					put_watch(BC_REQUEST_FREEZE, handle, cookie);
				if (steps[step] == 1)
					put_watch(BC_CLEAR_FREEZE, handle, cookie);
				if (steps[step] == 2) {
					SYS(ioctl, manager.fd, BINDER_FREEZE, &info);
					info.enable = 0;
					SYS(ioctl, manager.fd, BINDER_FREEZE, &info);
				}
				if (steps[step] == 3) {
					kill(owner, SIGKILL);
					waitpid(owner, NULL, 0);
					usleep(50000);
				}
				talk(&manager, text);
				if (acknowledges) {
					put_command(BC_FREEZE_DONE, &cookie);
					talk(&manager, "an acknowledgement");
				}
			}
			for (int pipe = 0; pipe < 4; pipe++)
				close(turns[pipe / 2][pipe % 2]);
			put_handle(BC_RELEASE, handle);
			talk(&manager, "a release");
			talk(&manager, "the rest");
		}
	}
	finish();
	leave(&manager);
	usleep(200000);
}

/*
 * A fault of 6.12 before its 96th revision: ends of the sides of a call met over it.
 */
static void ends_of_all_sides(void)
{
	start("calls end with any of their sides at any time");
	for (int round = 0; round < ROUNDS; round++) {
		int processes[3];
		for (int process = 0; process < 3; process++) {
			if ((processes[process] = fork()))
				continue;
			struct place place = enter("/dev/binder", 0, 0x4000);
			if (process == 0)
				become_manager(&place, NODE_FLAGS);
			for (int turn = 0;; turn++) {
				int before = seen.calls;
				if (process)
					put_object(BC_TRANSACTION, 0, turn % 3 ? 0 : TF_ONE_WAY, BINDER_TYPE_BINDER, 0x1000 + turn % 5);
				quietly(&place, 512);
				if (seen.calls == before)
					continue;
				if (process == 0) {
					uint32_t handle = ((struct flat_binder_object *)(uintptr_t)got.data.ptr.buffer)->handle;
					if (got.offsets_size && turn % 2)
						put_message(BC_TRANSACTION, handle, 1, 0, NULL, 0, NULL, 0);
					else if (!(got.flags & TF_ONE_WAY))
						put_message(BC_REPLY, 0, 1, 0, NULL, 0, NULL, 0);
				} else {
					put_message(BC_REPLY, 0, 1, 0, NULL, 0, NULL, 0);
				}
				put_free(got.data.ptr.buffer);
			}
		}
		usleep(30000 + 1000 * round);
		for (int process = 0; process < 3; process++)
			kill(processes[(process + round) % 3], SIGKILL);
		for (int process = 0; process < 3; process++)
			waitpid(processes[process], NULL, 0);
	}
	/* Linux loses a node now and then. */
	finish_but("node");
}

static void many_come_and_are_killed(void)
{
	manage(NODE_FLAGS);
	start("a hundred callers are killed");
	memset(&seen, 0, sizeof(seen));
	for (int round = 0; round < 100; round++) {
		int caller = divide();
		if (caller == 0) {
			struct place place = enter("/dev/binder", O_NONBLOCK, 0x4000);
			quietly(&place, 512);
			put_object(BC_TRANSACTION, 0, 0, BINDER_TYPE_BINDER, 0x1000);
			quietly(&place, 512);
			pass();
			exit(1);
		}
		pass();
		if (round % 3 == 0)
			end(caller);
		quietly(&manager, 512);
		if (round % 2)
			put_free(got.data.ptr.buffer);
		put_message(BC_REPLY, 0, 1, 0, NULL, 0, NULL, 0);
		put_free(got.data.ptr.buffer);
		quietly(&manager, 512);
		if (round % 3)
			end(caller);
		read_all(&manager);
	}
	finish();
	leave(&manager);
	usleep(200000);
}

/*
 * CVE-2025-68260: a list of those to be told of a death was walked while others took themselves off it.
 */
static void watchers_that_withdraw(void)
{
	enum { WATCHERS = 8 };
	manage(NODE_FLAGS);
	start("who withdraws while the watched ends hears one thing or the other");
	int right = 0;
	for (int round = 0; round < ROUNDS; round++) {
		struct place places[WATCHERS];
		uint32_t handle;
		int owner = make_owner(&handle, 0x4000);
		int watchers = fork();
		if (watchers == 0) {
			for (int watcher = 0; watcher < WATCHERS; watcher++) {
				places[watcher] = enter("/dev/binder", O_NONBLOCK, 0x4000);
				quietly(&places[watcher], 512);
				put_message(BC_TRANSACTION, 0, 1, 0, NULL, 0, NULL, 0);
				quietly(&places[watcher], 512);
				memset(&seen, 0, sizeof(seen));
				while (!seen.replies) {
					usleep(1000);
					quietly(&places[watcher], 512);
				}
				put_handle(BC_ACQUIRE, 1);
				put_free(got.data.ptr.buffer);
				put_watch(BC_REQUEST_DEATH_NOTIFICATION, 1, 0x77);
				quietly(&places[watcher], 0);
			}
			int good = 0;
			kill(owner, SIGKILL);
			for (int watcher = 0; watcher < WATCHERS; watcher++) {
				if (watcher == round % WATCHERS)
					usleep(10000);
				put_watch(BC_CLEAR_DEATH_NOTIFICATION, 1, 0x77);
				quietly(&places[watcher], 0);
			}
			usleep(200000);
			for (int watcher = 0; watcher < WATCHERS; watcher++) {
				uint64_t cookie = 0x77;
				memset(&seen, 0, sizeof(seen));
				quietly(&places[watcher], 512);
				put_command(BC_DEAD_BINDER_DONE, &cookie);
				quietly(&places[watcher], 512);
				quietly(&places[watcher], 512);
				good += seen.cleared == 1 && seen.deaths <= 1;
			}
			_exit(good);
		}
		for (int watcher = 0; watcher < WATCHERS; watcher++) {
			struct pollfd file = { manager.fd, POLLIN, 0 };
			memset(&seen, 0, sizeof(seen));
			while (!seen.calls && poll(&file, 1, 5000) == 1)
				quietly(&manager, 512);
			put_free(got.data.ptr.buffer);
			put_object(BC_REPLY, 0, 0, BINDER_TYPE_HANDLE, handle);
			quietly(&manager, 512);
		}
		int status;
		waitpid(watchers, &status, 0);
		right += WEXITSTATUS(status);
		end(owner);
		put_handle(BC_RELEASE, handle);
		read_all(&manager);
	}
	printf("%d of %d\n", right, ROUNDS * WATCHERS);
	finish();
	leave(&manager);
	usleep(200000);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	descriptors_for_a_process_that_is_killed();
	addresses_in_files();
	buffers_freed_before_they_arrive();
	buffers_freed_early();
	sets_of_threads_that_left();
	who_a_caller_is();
	handles_for_a_process_that_ends();
	mappings_replaced();
	freezes_in_every_order();
	ends_of_all_sides();
	many_come_and_are_killed();
	watchers_that_withdraw();
	return 0;
}
