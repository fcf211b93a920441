/*
 * `greedy`: a process that is handed more and more objects and keeps them all, until the kernel has no memory for one
 * more. Its sender must then read that its call failed for want of memory; nobody else may notice, and afterwards the
 * same is possible once more.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/android/binder.h>

#define REGION (256 * 1024)
#define OBJECTS 1000
#define MOST_CALLS 20000

/* The error that a call ended with is asked for by this, which old headers lack. */
struct extended_error {
	uint32_t id;
	uint32_t command;
	int32_t param;
};
#define GET_EXTENDED_ERROR _IOWR('b', 17, struct extended_error)

static int open_device(void)
{
	int device = open("/dev/binder", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (device < 0 || mmap(NULL, REGION, PROT_READ, MAP_PRIVATE, device, 0) == MAP_FAILED) {
		perror("binder");
		exit(1);
	}
	return device;
}

static int exchange(int device, void *write, size_t size, void *read, size_t room, size_t *got)
{
	struct binder_write_read call = { 0 };
	call.write_buffer = (uintptr_t)write;
	call.write_size = size;
	call.read_buffer = (uintptr_t)read;
	call.read_size = room;
	int result = ioctl(device, BINDER_WRITE_READ, &call);
	*got = call.read_consumed;
	return result;
}

/* The manager: keeps every object of every message, and frees the messages. */
static void keep_everything(int device)
{
	uint8_t in[256];
	static uint8_t out[16 + OBJECTS * 8];
	for (;;) {
		size_t got;
		if (exchange(device, NULL, 0, in, sizeof in, &got) != 0) {
			usleep(1000);
			continue;
		}
		for (size_t at = 0; at + 4 <= got;) {
			uint32_t code;
			memcpy(&code, in + at, 4);
			at += 4;
			if (code == BR_TRANSACTION) {
				struct binder_transaction_data data;
				memcpy(&data, in + at, sizeof data);
				size_t size = 0, rest;
				const uint64_t *offsets = (const void *)data.data.ptr.offsets;
				for (size_t index = 0; index < data.offsets_size / 8; index++) {
					const struct flat_binder_object *object = (const void *)(data.data.ptr.buffer + offsets[index]);
					uint32_t acquire[2] = { BC_ACQUIRE, object->handle };
					memcpy(out + size, acquire, sizeof acquire);
					size += sizeof acquire;
				}
				uint32_t free_buffer = BC_FREE_BUFFER;
				memcpy(out + size, &free_buffer, 4);
				memcpy(out + size + 4, &data.data.ptr.buffer, 8);
				exchange(device, out, size + 12, NULL, 0, &rest);
			}
			at += _IOC_SIZE(code);
		}
	}
}

/* Sends new objects until a call fails; how it failed. */
static int32_t send_without_end(int device)
{
	static struct flat_binder_object objects[OBJECTS];
	static uint64_t offsets[OBJECTS];
	static uint8_t in[64 * 1024];
	uint64_t next = 0x1000;
	for (int calls = 0; calls < MOST_CALLS; calls++) {
		struct {
			uint32_t command;
			struct binder_transaction_data data;
		} __attribute__((packed)) out = { BC_TRANSACTION, { { 0 }, 0, 0, 0, 0, 0, 0, 0, { { 0 } } } };
		for (int index = 0; index < OBJECTS; index++) {
			objects[index].hdr.type = BINDER_TYPE_BINDER;
			objects[index].flags = 0;
			objects[index].binder = next;
			next += 8;
			offsets[index] = index * sizeof objects[0];
		}
		out.data.flags = TF_ONE_WAY;
		out.data.data_size = sizeof objects;
		out.data.offsets_size = sizeof offsets;
		out.data.data.ptr.buffer = (uintptr_t)objects;
		out.data.data.ptr.offsets = (uintptr_t)offsets;
		size_t got;
		int failed = 0, done = 0;
		void *write = &out;
		size_t size = sizeof out;
		while (!done) {
			if (exchange(device, write, size, in, sizeof in, &got) != 0)
				return -errno;
			size = 0;
			for (size_t at = 0; at + 4 <= got;) {
				uint32_t code;
				memcpy(&code, in + at, 4);
				at += 4 + _IOC_SIZE(code);
				failed |= code == BR_FAILED_REPLY;
				done |= code == BR_FAILED_REPLY || code == BR_TRANSACTION_COMPLETE;
			}
		}
		if (failed) {
			struct extended_error error;
			if (ioctl(device, GET_EXTENDED_ERROR, &error) != 0)
				return -errno;
			/* The receiver has not come to free what it got: that is no shortage. */
			if (error.param != -ENOSPC)
				return error.param;
			usleep(2000);
		}
	}
	return 0;
}

/* One round with a manager and a sender of its own; how the sender's calls ended. */
static int32_t round_of_greed(void)
{
	int ready[2];
	int32_t result = 0;
	if (pipe(ready) != 0)
		exit(1);
	pid_t manager = fork();
	if (manager == 0) {
		int device = open_device();
		if (ioctl(device, BINDER_SET_CONTEXT_MGR, 0) != 0)
			exit(1);
		write(ready[1], "", 1);
		keep_everything(device);
	}
	char byte;
	if (read(ready[0], &byte, 1) != 1)
		exit(1);
	pid_t sender = fork();
	if (sender == 0) {
		int32_t error = send_without_end(open_device());
		write(ready[1], &error, sizeof error);
		/* What it has it keeps until it is killed. */
		for (;;)
			pause();
	}
	if (read(ready[0], &result, sizeof result) != sizeof result)
		exit(1);
	/* Others can still do what they do: a process can be waited for, and memory be had again. */
	kill(sender, SIGKILL);
	kill(manager, SIGKILL);
	waitpid(sender, NULL, 0);
	waitpid(manager, NULL, 0);
	close(ready[0]);
	close(ready[1]);
	return result;
}

int main(void)
{
	for (int round = 0; round < 2; round++) {
		int32_t result = round_of_greed();
		printf("round %d: %s\n", round + 1, result == -ENOMEM ? "ENOMEM" : strerror(-result));
		fflush(stdout);
	}
	return 0;
}
