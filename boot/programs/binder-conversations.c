/*
 * Conversations that are disturbed: by signals, by programs that are replaced, by threads that end, by descriptors that
 * are closed and opened again, by freezes of several opens.
 */
#include "talk.h"
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>

#define NODE_FLAGS 0x17f

static struct place manager, client;

static void manage(uint32_t flags)
{
	manager = enter("/dev/binder", O_NONBLOCK, 0x8000);
	become_manager(&manager, flags);
	talk(&manager, "the manager's first");
}

static void leave(struct place *place)
{
	close(place->fd);
	munmap(place->map, place->size);
}

static void end(void)
{
	leave(&manager);
	usleep(200000);
}

static void on_signal(int signal)
{
	(void)signal;
}

static void handle(int signal, int flags)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = flags };
	sigaction(signal, &action, NULL);
}

/* Signals that a handler restarts calls after, and that nobody minds. */
static void signals_in_reads(void)
{
	begin("signals in reads");
	int reader = divide();
	if (reader == 0) {
		struct place place = enter("/dev/binder", 0, 0x4000);
		talk(&place, "first");
		handle(SIGUSR1, SA_RESTART);
		handle(SIGUSR2, 0);
		pass();
		for (int time = 0; time < 3; time++) {
			let();
			talk(&place, "a read");
		}
		/* What is ignored interrupts nothing; the last is one that is not. */
		signal(SIGWINCH, SIG_IGN);
		let();
		talk(&place, "a read");
		exit(0);
	}
	char byte;
	static const int signals[] = { SIGUSR1, SIGUSR2, SIGCHLD, SIGWINCH };
	pass();
	for (int time = 0; time < 4; time++) {
		if (time)
			read(turns[0][0], &byte, 1);
		else
			let();
		usleep(100000);
		kill(reader, signals[time]);
		if (time >= 2) {
			usleep(50000);
			kill(reader, SIGUSR2);
		}
	}
	waitpid(reader, NULL, 0);
	usleep(200000);
}

static void signals_in_freezes(void)
{
	begin("signals in freezes");
	manage(NODE_FLAGS);
	client = enter("/dev/binder", O_NONBLOCK, 0x4000);
	int freezer = divide();
	if (freezer == 0) {
		struct binder_freeze_info info = { .pid = getppid(), .enable = 1, .timeout_ms = 700 };
		struct place place = enter("/dev/binder", O_NONBLOCK, 0x4000);
		talk(&place, "first");
		put_message(BC_TRANSACTION, 0, 1, TF_ONE_WAY, NULL, 0, NULL, 0);
		talk(&place, "a call that nobody reads");
		handle(SIGUSR1, SA_RESTART);
		handle(SIGUSR2, 0);
		for (int time = 0; time < 3; time++) {
			let();
			show("a freeze", SYS(ioctl, place.fd, BINDER_FREEZE, &info));
			struct binder_frozen_status_info status = { .pid = info.pid };
			show("status", SYS(ioctl, place.fd, BINDER_GET_FROZEN_INFO, &status));
			printf("%x %x\n", status.sync_recv, status.async_recv);
			fflush(stdout);
		}
		pass();
		exit(0);
	}
	static const int signals[] = { SIGUSR1, SIGUSR2, SIGCHLD };
	char byte;
	let();
	for (int time = 0; time < 3; time++) {
		read(turns[0][0], &byte, 1);
		usleep(200000);
		kill(freezer, signals[time]);
	}
	read(turns[0][0], &byte, 1);
	bury(freezer);
	leave(&client);
	end();
}

static void freezes_of_several_opens(void)
{
	begin("a freeze of several opens");
	manage(NODE_FLAGS);
	int server = divide();
	if (server == 0) {
		struct place places[3];
		struct flat_binder_object node = { .hdr.type = BINDER_TYPE_BINDER, .flags = 0x7f };
		binder_size_t offset = 0;
		for (int index = 0; index < 3; index++) {
			places[index] = enter("/dev/binder", O_NONBLOCK, 0x4000);
			talk(&places[index], "first");
			node.binder = node.cookie = 0x1000 + index;
			put_message(BC_TRANSACTION, 0, index, TF_ONE_WAY, &node, sizeof(node), &offset, 8);
			talk(&places[index], "its node");
		}
		for (;;) {
			pass();
			for (int index = 0; index < 3; index++)
				talk(&places[index], "a server reads");
		}
	}
	pass();
	for (int index = 1; index <= 3; index++) {
		talk(&manager, "a node");
		put_handle(BC_ACQUIRE, index);
		put_free(got.data.ptr.buffer);
		talk_at(&manager, "kept", NULL, 0);
	}
	for (int busy = 1; busy <= 3; busy++) {
		struct binder_freeze_info info = { .pid = server, .enable = 1 };
		struct binder_frozen_status_info status = { .pid = server };
		put_message(BC_TRANSACTION, busy, 7, TF_ONE_WAY, NULL, 0, NULL, 0);
		talk(&manager, "a call to one");
		show("freeze", SYS(ioctl, manager.fd, BINDER_FREEZE, &info));
		for (int index = 1; index <= 3; index++) {
			put_message(BC_TRANSACTION, index, 8, TF_ONE_WAY, NULL, 0, NULL, 0);
			talk(&manager, "a one-way call");
			put_message(BC_TRANSACTION, index, 9, 0, NULL, 0, NULL, 0);
			talk(&manager, "a call");
			talk(&manager, "its answer");
		}
		show("status", SYS(ioctl, manager.fd, BINDER_GET_FROZEN_INFO, &status));
		printf("%x %x\n", status.sync_recv, status.async_recv);
		info.enable = 0;
		show("thaw", SYS(ioctl, manager.fd, BINDER_FREEZE, &info));
		SYS(ioctl, manager.fd, BINDER_THREAD_EXIT, 0);
		talk(&manager, "anew");
		pass();
		pass();
	}
	kill(server, SIGKILL);
	bury(server);
	talk(&manager, "the end");
	end();
}

/* An array with two descriptors. */
static uint32_t fds[2];
static struct { uint64_t first; struct binder_buffer_object buffer; struct binder_fd_array_object array; } letters;
static const binder_size_t places_of_letters[2] = { 8, 48 };

static void put_array(int fd)
{
	fds[0] = fds[1] = fd;
	letters.buffer = (struct binder_buffer_object){ .hdr.type = BINDER_TYPE_PTR, .buffer = (uintptr_t)fds, .length = sizeof(fds) };
	letters.array = (struct binder_fd_array_object){ .hdr.type = BINDER_TYPE_FDA, .num_fds = 2 };
	struct binder_transaction_data_sg message = {
		.transaction_data = { .code = 1, .flags = TF_ONE_WAY, .data_size = sizeof(letters), .offsets_size = 16,
			.data.ptr.buffer = (uintptr_t)&letters, .data.ptr.offsets = (uintptr_t)places_of_letters },
		.buffers_size = 8,
	};
	put_command(BC_TRANSACTION_SG, &message);
}

/* The lowest free number before the array came. */
static int lowest_before;

static void note_lowest(void)
{
	lowest_before = dup(0);
	close(lowest_before);
}

static void show_array(const char *text, int *numbers)
{
	uint8_t *data = (uint8_t *)(uintptr_t)got.data.ptr.buffer;
	struct binder_buffer_object *buffer = (void *)(data + 8);
	memcpy(numbers, (void *)(uintptr_t)buffer->buffer, 8);
	printf("%s: %d, then %d more\n", text, numbers[0] - lowest_before, numbers[1] - numbers[0]);
	for (int index = 0; index < 2; index++)
		show("flags", SYS(fcntl, numbers[index], F_GETFD, 0));
}

static void arrays_whose_numbers_are_used_again(void)
{
	begin("numbers of an array that are used again before its buffer is free");
	manage(NODE_FLAGS);
	int sender = divide(), numbers[2];
	if (sender == 0) {
		struct place place = enter("/dev/binder", O_NONBLOCK, 0x4000);
		talk(&place, "first");
		for (int time = 0; time < 4; time++) {
			put_array(0);
			talk(&place, "an array");
			pass();
		}
		exit(0);
	}
	int ends[2];
	for (int way = 0; way < 3; way++) {
		pass();
		note_lowest();
		talk(&manager, "the manager reads");
		show_array("got", numbers);
		if (way == 0) {
			close(numbers[0]);
			pipe(ends);
			show("a pipe's end took the number", ends[0] == numbers[0]);
		} else if (way == 1) {
			show("a number is moved", SYS(dup2, 1, numbers[1]) == numbers[1]);
			show("kept", SYS(fcntl, numbers[0], F_DUPFD, 50));
		} else {
			/* A child has the open, and numbers of its own. */
			fflush(stdout);
			int child = fork();
			if (child == 0) {
				close(numbers[1]);
				put_free(got.data.ptr.buffer);
				talk(&manager, "a child frees the buffer");
				for (int index = 0; index < 2; index++)
					show("in the child", SYS(fcntl, numbers[index], F_GETFD, 0));
				fflush(stdout);
				_exit(0);
			}
			waitpid(child, NULL, 0);
		}
		put_free(got.data.ptr.buffer);
		talk(&manager, "the buffer is free");
		for (int index = 0; index < 2; index++)
			show("afterwards", SYS(fcntl, numbers[index], F_GETFD, 0));
		if (way == 0) {
			show("the pipe", SYS(write, ends[1], "x", 1));
			close(ends[1]);
		}
		if (way == 1)
			show("what was kept", SYS(fcntl, 50, F_GETFD, 0));
		for (int fd = numbers[0]; fd < numbers[0] + 3; fd++)
			close(fd);
	}
	pass();
	fflush(stdout);
	int child = fork();
	if (child == 0) {
		talk(&manager, "a child's first");
		note_lowest();
		numbers[0] = lowest_before;
		talk(&manager, "a child reads");
		for (int index = 0; index < 3; index++)
			show("in the child", SYS(fcntl, numbers[0] + index, F_GETFD, 0));
		fflush(stdout);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	for (int index = 0; index < 3; index++)
		show("in the parent", SYS(fcntl, lowest_before + index, F_GETFD, 0));
	put_free((uintptr_t)manager.map);
	talk(&manager, "the parent frees what the child got");
	bury(sender);
	end();
}

static void priorities_of_users(void)
{
	begin("a server that may not be nice to everybody");
	manage(NODE_FLAGS & ~0xff);
	int caller = divide();
	if (caller == 0) {
		struct place place = enter("/dev/binder", O_NONBLOCK, 0x4000);
		talk(&place, "first");
		for (int time = 0; time < 6; time++) {
			setpriority(PRIO_PROCESS, 0, time < 3 ? -10 + time : 10);
			put_message(BC_TRANSACTION, 0, 1, time % 3 == 2 ? TF_ONE_WAY : 0, NULL, 0, NULL, 0);
			talk(&place, "a call");
			pass();
			talk(&place, "its answer");
		}
		exit(0);
	}
	static const int limits[] = { 20, 15, 0, 40, 1, 0 };
	setpriority(PRIO_PROCESS, 0, 7);
	for (int time = 0; time < 6; time++) {
		struct rlimit limit = { limits[time], 40 };
		setrlimit(RLIMIT_NICE, &limit);
		pass();
		SYS(setresuid, 1000, 1000, 0);
		talk(&manager, "the server reads");
		show("its priority", SYS(getpriority, PRIO_PROCESS, 0));
		put_free(got.data.ptr.buffer);
		if (!(got.flags & TF_ONE_WAY))
			put_message(BC_REPLY, 0, 1, 0, NULL, 0, NULL, 0);
		talk(&manager, "the server answers");
		show("its priority", SYS(getpriority, PRIO_PROCESS, 0));
		talk(&manager, "the server waits");
		show("its priority", SYS(getpriority, PRIO_PROCESS, 0));
		SYS(setresuid, 0, 0, 0);
	}
	bury(caller);
	setpriority(PRIO_PROCESS, 0, 0);
	end();
}

static void *call_and_end(void *unused)
{
	put_message(BC_TRANSACTION, 0, 4, 0, NULL, 0, NULL, 0);
	talk_at(&client, "a thread calls and ends", NULL, 0);
	return unused;
}

static void *call_as_another(void *unused)
{
	usleep(100000);
	SYS(setresuid, 2000, 2000, 2000);
	put_message(BC_TRANSACTION, 0, 5, 0, NULL, 0, NULL, 0);
	talk(&client, "a thread without its leader calls");
	put_message(BC_TRANSACTION, 0, 6, TF_ONE_WAY, NULL, 0, NULL, 0);
	talk(&client, "one way");
	pass();
	talk(&client, "it hears");
	_exit(0);
	return unused;
}

static void threads_that_end(void)
{
	begin("threads that end, and a leader");
	manage(NODE_FLAGS);
	int caller = divide();
	if (caller == 0) {
		pthread_t thread;
		client = enter("/dev/binder", O_NONBLOCK, 0x4000);
		pthread_create(&thread, NULL, call_and_end, NULL);
		pthread_join(thread, NULL);
		pass();
		talk(&client, "the leader's first");
		talk(&client, "the leader hears nothing of it");
		pthread_create(&thread, NULL, call_as_another, NULL);
		SYS(exit, 0);
	}
	pass();
	talk(&manager, "the manager reads");
	put_free(got.data.ptr.buffer);
	put_message(BC_REPLY, 0, 2, 0, NULL, 0, NULL, 0);
	talk(&manager, "the manager answers");
	pass();
	talk(&manager, "the manager reads");
	put_message(BC_REPLY, 0, 3, 0, NULL, 0, NULL, 0);
	talk(&manager, "the manager answers");
	talk(&manager, "the manager reads");
	bury(caller);
	end();
}

static void *read_for_long(void *unused)
{
	talk(&client, "a reader's first");
	talk(&client, "a reader");
	return unused;
}

static void numbers_taken_over(void)
{
	begin("the number of an open is taken over");
	client = enter("/dev/binder", 0, 0x4000);
	pthread_t thread;
	pthread_create(&thread, NULL, read_for_long, NULL);
	usleep(100000);
	int ends[2];
	pipe(ends);
	show("taken over", SYS(dup2, ends[0], client.fd) == client.fd);
	pthread_join(thread, NULL);
	show("now it is something else", SYS(ioctl, client.fd, BINDER_VERSION, &fds));
	close(client.fd);
	munmap(client.map, client.size);
	close(ends[0]);
	close(ends[1]);
	client = enter("/dev/binder", 0, 0x4000);
	talk(&client, "first");
	show("from now on it may not wait", SYS(fcntl, client.fd, F_SETFL, O_NONBLOCK));
	talk(&client, "a read");
	int copy = dup(client.fd);
	show("nor may its copy", SYS(fcntl, copy, F_GETFL, 0) & O_NONBLOCK);
	close(copy);
	usleep(200000);
	talk(&client, "a read after a copy was closed");
	talk(&client, "a read");
	leave(&client);
	usleep(200000);
}

/* The program that takes an open over, with its number, and knows where its mapping was. */
static int go_on(int fd, uint8_t *map)
{
	struct place place = { .fd = fd, .map = map, .size = 0x4000 };
	uint32_t version = 0;
	printf("-- another program\n");
	show("version", SYS(ioctl, fd, BINDER_VERSION, &version));
	talk(&place, "a read");
	put_message(BC_TRANSACTION, 0, 8, TF_ONE_WAY, NULL, 0, NULL, 0);
	talk(&place, "a one-way call");
	TRY_ADDRESS(mmap, 0, 0x4000, PROT_READ, MAP_PRIVATE, fd, 0);
	put_message(BC_TRANSACTION, 0, 9, 0, NULL, 0, NULL, 0);
	talk(&place, "a call");
	memcpy(turns, (int[2][2]){ { 200, 201 }, { 202, 203 } }, sizeof(turns));
	side = 1;
	pass();
	talk(&place, "its answer");
	talk(&place, "and more");
	return 0;
}

static void a_program_that_keeps_its_open(char *self)
{
	begin("a program is replaced and keeps its open");
	manage(NODE_FLAGS);
	int caller = divide();
	if (caller == 0) {
		struct flat_binder_object node = { .hdr.type = BINDER_TYPE_BINDER, .flags = 0x7f, .binder = 0x10, .cookie = 0x20 };
		binder_size_t offset = 0;
		struct place place = enter("/dev/binder", O_NONBLOCK, 0x4000);
		talk(&place, "first");
		put_message(BC_TRANSACTION, 0, 1, TF_ONE_WAY, &node, sizeof(node), &offset, 8);
		talk(&place, "its node");
		pass();
		char number[8], map[24];
		snprintf(number, sizeof(number), "%d", dup(place.fd));
		snprintf(map, sizeof(map), "%lx", (long)place.map);
		for (int pipe = 0; pipe < 4; pipe++)
			dup2(turns[pipe / 2][pipe % 2], 200 + pipe);
		SYS(setresuid, 1000, 1000, 1000);
		fflush(stdout);
		execl("/proc/self/exe", self, number, map, NULL);
		exit(1);
	}
	pass();
	talk(&manager, "the manager reads");
	put_handle(BC_ACQUIRE, 1);
	put_watch(BC_REQUEST_DEATH_NOTIFICATION, 1, 0x77);
	put_free(got.data.ptr.buffer);
	put_message(BC_TRANSACTION, 1, 3, TF_ONE_WAY, "before", 6, NULL, 0);
	talk(&manager, "a call before");
	pass();
	put_message(BC_TRANSACTION, 1, 4, TF_ONE_WAY, "after", 5, NULL, 0);
	talk(&manager, "a call after");
	talk(&manager, "the manager reads");
	put_free(got.data.ptr.buffer);
	talk(&manager, "the manager reads");
	put_message(BC_REPLY, 0, 1, 0, "answer", 6, NULL, 0);
	talk(&manager, "the manager answers");
	bury(caller);
	talk(&manager, "the manager hears");
	end();
}

/* Opens of one process that know each other by the manager, which is another. */
static struct place opens[3];

static void introduce(int from, int to, uint64_t name)
{
	struct flat_binder_object node = { .hdr.type = BINDER_TYPE_BINDER, .flags = NODE_FLAGS, .binder = name, .cookie = name + 1 };
	binder_size_t offset = 0;
	put_message(BC_TRANSACTION, 0, 1, TF_ONE_WAY, &node, sizeof(node), &offset, 8);
	talk(&opens[from], "one gives its node");
	put_message(BC_TRANSACTION, 0, 2, 0, NULL, 0, NULL, 0);
	talk(&opens[to], "another asks");
	pass();
	talk(&opens[to], "and gets it");
	put_handle(BC_ACQUIRE, 1);
	put_handle(BC_ACQUIRE, 2);
	put_free(got.data.ptr.buffer);
	talk(&opens[to], "and keeps it");
}

static void *wait_in_call(void *number)
{
	struct place place = opens[(long)number];
	talk(&place, "a thread's first");
	put_message(BC_TRANSACTION, 1, 7, 0, "question", 8, NULL, 0);
	talk(&place, "a thread asks");
	usleep(300000);
	talk(&place, "a thread hears");
	SYS(ioctl, place.fd, BINDER_THREAD_EXIT, 0);
	return NULL;
}

static void several_opens(void)
{
	begin("several opens of one process");
	manage(NODE_FLAGS);
	int process = divide();
	if (process == 0) {
		pthread_t thread;
		for (int index = 0; index < 3; index++) {
			opens[index] = enter("/dev/binder", O_NONBLOCK, 0x4000);
			talk(&opens[index], "first");
		}
		introduce(0, 1, 0x100);
		introduce(1, 0, 0x200);
		introduce(1, 2, 0x300);
		/* One thread plays all sides, and calls come round. */
		put_message(BC_TRANSACTION, 1, 3, 0, "there", 5, NULL, 0);
		talk(&opens[1], "from the second to the first");
		talk(&opens[0], "the first reads");
		put_message(BC_TRANSACTION, 1, 4, 0, "back", 4, NULL, 0);
		talk(&opens[0], "and calls back");
		talk(&opens[1], "the second reads in its call");
		put_message(BC_TRANSACTION, 1, 5, 0, "again", 5, NULL, 0);
		talk(&opens[1], "and calls again");
		talk(&opens[0], "the first reads in its call");
		struct binder_freeze_info info = { .pid = getpid(), .enable = 1 };
		show("a freeze", SYS(ioctl, opens[2].fd, BINDER_FREEZE, &info));
		for (int depth = 0; depth < 3; depth++) {
			put_message(BC_REPLY, 0, 6 + depth, 0, NULL, 0, NULL, 0);
			talk(&opens[depth % 2], "an answer");
			talk(&opens[!(depth % 2)], "is heard");
		}
		/* A thread waits for an open that is closed. */
		put_watch(BC_REQUEST_DEATH_NOTIFICATION, 1, 0x55);
		talk(&opens[1], "the second watches the first");
		pthread_create(&thread, NULL, wait_in_call, (void *)1);
		usleep(100000);
		talk(&opens[0], "the first reads");
		leave(&opens[0]);
		pthread_join(thread, NULL);
		talk(&opens[1], "the second hears");
		put_message(BC_TRANSACTION, 1, 8, 0, NULL, 0, NULL, 0);
		talk(&opens[1], "and calls once more");
		/* The third asks, and what answers is closed before. */
		pthread_create(&thread, NULL, wait_in_call, (void *)2);
		usleep(100000);
		leave(&opens[1]);
		pthread_join(thread, NULL);
		talk(&opens[2], "the third hears");
		exit(0);
	}
	for (int time = 0; time < 3; time++) {
		pass();
		talk(&manager, "the manager gets a node");
		uint32_t handle = ((struct flat_binder_object *)(uintptr_t)got.data.ptr.buffer)->handle;
		put_handle(BC_ACQUIRE, handle);
		put_free(got.data.ptr.buffer);
		talk(&manager, "the manager is asked");
		struct flat_binder_object node = { .hdr.type = BINDER_TYPE_HANDLE, .flags = NODE_FLAGS, .handle = handle };
		binder_size_t offset = 0;
		put_free(got.data.ptr.buffer);
		put_message(BC_REPLY, 0, 1, 0, &node, sizeof(node), &offset, 8);
		talk(&manager, "the manager answers");
	}
	bury(process);
	talk(&manager, "the end");
	end();
}

static void *read_aside(void *text)
{
	talk(&client, text);
	return NULL;
}

static void an_open_that_was_given_away(void)
{
	begin("an open that two processes use");
	manage(NODE_FLAGS);
	int owner = divide();
	if (owner == 0) {
		struct flat_binder_object node = { .hdr.type = BINDER_TYPE_BINDER, .flags = NODE_FLAGS, .binder = 0x10, .cookie = 0x20 };
		binder_size_t offset = 0;
		client = enter("/dev/binder", 0, 0x4000);
		talk(&client, "first");
		put_message(BC_TRANSACTION, 0, 1, TF_ONE_WAY, &node, sizeof(node), &offset, 8);
		talk(&client, "its node");
		fflush(stdout);
		int heir = fork();
		if (heir == 0) {
			talk(&client, "the heir's first");
			usleep(200000);
			talk(&client, "the heir reads");
			setresuid(1000, 1000, 1000);
			put_message(BC_TRANSACTION, 0, 9, TF_ONE_WAY, NULL, 0, NULL, 0);
			talk(&client, "the heir calls within its call");
			put_message(BC_REPLY, 0, 3, 0, "heir", 4, NULL, 0);
			talk(&client, "the heir answers");
			fflush(stdout);
			_exit(0);
		}
		pthread_t thread;
		usleep(50000);
		pthread_create(&thread, NULL, read_aside, "another thread's first");
		pthread_join(thread, NULL);
		pthread_create(&thread, NULL, read_aside, "the owner reads");
		usleep(400000);
		pass();
		waitpid(heir, NULL, 0);
		pthread_join(thread, NULL);
		exit(0);
	}
	pass();
	talk(&manager, "the manager reads");
	put_handle(BC_ACQUIRE, 1);
	put_free(got.data.ptr.buffer);
	put_message(BC_TRANSACTION, 1, 2, 0, "to the heir", 11, NULL, 0);
	talk(&manager, "the manager calls");
	usleep(200000);
	talk(&manager, "the manager hears");
	talk(&manager, "and hears");
	bury(owner);
	talk(&manager, "the end");
	end();
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	if (argc > 2)
		return go_on(atoi(argv[1]), (uint8_t *)strtoul(argv[2], NULL, 16));
	signals_in_reads();
	signals_in_freezes();
	freezes_of_several_opens();
	arrays_whose_numbers_are_used_again();
	priorities_of_users();
	threads_that_end();
	numbers_taken_over();
	several_opens();
	an_open_that_was_given_away();
	a_program_that_keeps_its_open(argv[0]);
	return 0;
}
