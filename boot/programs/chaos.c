/*
 * `chaos ROUNDS SEED`: processes of several threads talk binder in every direction, and at moments that nobody chose
 * one of them is killed and started anew. At the end all are killed, and what the driver and the frame allocator have
 * must be what they had at the beginning.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <linux/android/binder.h>

#define REGION (128 * 1024)
#define CLIENTS 5
#define THREADS 3

static int device;
/* The object that a process offers: its address is the node's. */
static char object;

static uint32_t random_word(uint64_t *state)
{
	*state = *state * 6364136223846793005 + 1442695040888963407;
	return *state >> 33;
}

struct out {
	uint8_t bytes[1024];
	size_t size;
};

static void put(struct out *out, const void *bytes, size_t size)
{
	if (out->size + size <= sizeof out->bytes) {
		memcpy(out->bytes + out->size, bytes, size);
		out->size += size;
	}
}

static void put_command(struct out *out, uint32_t command, const void *payload, size_t size)
{
	put(out, &command, sizeof command);
	put(out, payload, size);
}

/* A message with a number and a node of the sender's. */
static uint8_t message[32 + 24];
static const uint64_t offsets[] = { 32 };

static void prepare_message(void *node)
{
	struct flat_binder_object *flat = (void *)(message + 32);
	memset(message, 0, sizeof message);
	flat->hdr.type = BINDER_TYPE_BINDER;
	flat->flags = 0x113;
	flat->binder = (uintptr_t)node;
}

static void put_transaction(struct out *out, uint32_t command, uint32_t handle, uint32_t flags, int objects_sent)
{
	struct binder_transaction_data data = { 0 };
	data.target.handle = handle;
	data.code = 1;
	data.flags = flags;
	data.data_size = objects_sent ? sizeof message : 32;
	data.offsets_size = objects_sent ? sizeof offsets : 0;
	data.data.ptr.buffer = (uintptr_t)message;
	data.data.ptr.offsets = (uintptr_t)offsets;
	put_command(out, command, &data, sizeof data);
}

/* Writes, reads, and handles what came. Tells whether the thread's own call is over. */
static int turn(struct out *out, uint64_t *random, int reads)
{
	uint8_t in[512];
	struct binder_write_read exchange = {
		.write_buffer = (uintptr_t)out->bytes, .write_size = out->size,
		.read_buffer = (uintptr_t)in, .read_size = reads ? sizeof in : 0,
	};
	int over = 0;
	if (ioctl(device, BINDER_WRITE_READ, &exchange) < 0 && errno != EINTR)
		_exit(1);
	out->size = 0;
	for (size_t at = 0; at + 4 <= exchange.read_consumed;) {
		uint32_t word;
		memcpy(&word, in + at, 4);
		at += 4;
		switch (word) {
		case BR_INCREFS:
			put_command(out, BC_INCREFS_DONE, in + at, 16);
			break;
		case BR_ACQUIRE:
			put_command(out, BC_ACQUIRE_DONE, in + at, 16);
			break;
		case BR_DEAD_BINDER:
			put_command(out, BC_DEAD_BINDER_DONE, in + at, 8);
			break;
		case BR_DEAD_REPLY:
			/* There is no manager just now. */
			usleep(500);
			/* fall through */
		case BR_FAILED_REPLY:
			over = 1;
			break;
		case BR_TRANSACTION:
		case BR_REPLY: {
			struct binder_transaction_data data;
			memcpy(&data, in + at, sizeof data);
			uint32_t handle = 0;
			if (data.offsets_size) {
				const struct flat_binder_object *flat = (void *)(uintptr_t)(data.data.ptr.buffer + 32);
				handle = flat->handle;
				put_command(out, BC_ACQUIRE, &handle, 4);
				struct binder_handle_cookie watch = { handle, handle };
				if (random_word(random) % 2)
					put_command(out, BC_REQUEST_DEATH_NOTIFICATION, &watch, sizeof watch);
			}
			put_command(out, BC_FREE_BUFFER, &data.data.ptr.buffer, 8);
			if (word == BR_TRANSACTION) {
				/* Now and then call back into whoever called, before answering. */
				if (handle && random_word(random) % 4 == 0) {
					put_transaction(out, BC_TRANSACTION, handle, 0, 0);
					while (!turn(out, random, 1))
						;
				}
				if (handle && random_word(random) % 4 == 0)
					put_transaction(out, BC_TRANSACTION, handle, TF_ONE_WAY, 0);
				if (!(data.flags & TF_ONE_WAY))
					put_transaction(out, BC_REPLY, 0, 0, 0);
				if (handle && random_word(random) % 2)
					put_command(out, BC_RELEASE, &handle, 4);
			} else {
				over = 1;
			}
			break;
		}
		}
		at += _IOC_SIZE(word);
	}
	return over;
}

static uint64_t seed;

static __attribute__((noreturn)) void *serve(void *number)
{
	uint64_t random = seed ^ (uintptr_t)number;
	struct out out = { .size = 0 };
	uint32_t looper = BC_ENTER_LOOPER;
	put(&out, &looper, 4);
	for (;;)
		turn(&out, &random, 1);
}

static __attribute__((noreturn)) void *call(void *number)
{
	uint64_t random = seed ^ (uintptr_t)number;
	struct out out = { .size = 0 };
	for (;;) {
		uint32_t choice = random_word(&random) % 8;
		int with_object = choice & 1;
		if (choice == 6) {
			struct pollfd one = { device, POLLIN, 0 };
			poll(&one, 1, 1);
		}
		if (choice == 7) {
			put_transaction(&out, BC_TRANSACTION, 0, TF_ONE_WAY, with_object);
			turn(&out, &random, 0);
			continue;
		}
		put_transaction(&out, BC_TRANSACTION, 0, 0, with_object);
		while (!turn(&out, &random, 1))
			;
	}
}

static int start(int is_manager)
{
	int pid = fork();
	if (pid)
		return pid;
	device = open("/dev/binder", O_RDWR | O_CLOEXEC);
	void *region = mmap(0, REGION, PROT_READ, MAP_PRIVATE, device, 0);
	if (device < 0 || region == MAP_FAILED)
		_exit(1);
	seed ^= (uint64_t)getpid() << 20;
	prepare_message(&object);
	if (is_manager)
		while (ioctl(device, BINDER_SET_CONTEXT_MGR, 0) < 0)
			usleep(1000);
	pthread_t thread;
	for (uintptr_t i = 1; i < THREADS; i++)
		pthread_create(&thread, 0, is_manager ? serve : call, (void *)i);
	(is_manager ? serve : call)(0);
	_exit(0);
}

static void end(int pid)
{
	int status;
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}

static long figure(const char *file, const char *name)
{
	static char text[1 << 16];
	int descriptor = open(file, O_RDONLY);
	ssize_t length = read(descriptor, text, sizeof text - 1);
	close(descriptor);
	text[length < 0 ? 0 : length] = 0;
	char *found = strstr(text, name);
	return found ? atol(found + strlen(name)) : 0;
}

struct figures {
	long free, objects[7];
};

static const char *const names[] = { "\nproc: active ",	"\nthread: active ", "\nnode: active ",	      "\nref: active ",
				     "\ndeath: active ", "\ntransaction: active ", "\nfreeze: active " };

static struct figures count(void)
{
	struct figures now;
	for (int i = 0; i < 7; i++)
		now.objects[i] = figure("/sys/kernel/debug/binder/stats", names[i]);
	now.free = figure("/proc/meminfo", "MemFree:");
	return now;
}

int main(int count_of_arguments, char **arguments)
{
	int rounds = count_of_arguments > 1 ? atoi(arguments[1]) : 200;
	seed = count_of_arguments > 2 ? strtoull(arguments[2], 0, 10) : 1;
	uint64_t random = seed;
	int pids[CLIENTS + 1];
	setvbuf(stdout, 0, _IOLBF, 0);
	struct figures before = { 0 };
	for (int pass = 0; pass < 2; pass++) {
		for (int i = 0; i <= CLIENTS; i++)
			pids[i] = start(i == 0);
		for (int round = 0; round < (pass ? rounds : 20); round++) {
			usleep(random_word(&random) % 8000);
			int victim = random_word(&random) % (CLIENTS + 1);
			end(pids[victim]);
			pids[victim] = start(victim == 0);
		}
		for (int i = 0; i <= CLIENTS; i++)
			end(pids[i]);
		/* Linux clears away the dead a little later. */
		usleep(300000);
		/* The first pass leaves what grows once. */
		if (pass == 0)
			before = count();
	}
	struct figures after = count();
	int lost = 0;
	for (int i = 0; i < 7; i++)
		if (before.objects[i] != after.objects[i]) {
			printf("%s%ld before, %ld after\n", names[i] + 1, before.objects[i], after.objects[i]);
			lost = 1;
		}
	if (before.free - after.free > 256) {
		printf("%ld KiB free before, %ld after\n", before.free, after.free);
		lost = 1;
	}
	printf(lost ? "something is lost\n" : "nothing is lost\n");
	return lost;
}
