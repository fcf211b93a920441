/*
 * Two processes that talk binder with nothing but system calls: `raw server` becomes context manager and answers
 * one call with the number it got plus one; `raw client` calls it and prints the answer. With a count behind it, each
 * does so that often, and only the last answer is printed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <linux/android/binder.h>

#define REGION (128 * 1024)

static int device;

static void fail(const char *what)
{
	fprintf(stderr, "raw: %s: %s\n", what, strerror(errno));
	exit(1);
}

static size_t exchange(const void *out, size_t out_size, void *in, size_t in_size)
{
	struct binder_write_read exchange = {
		.write_buffer = (uintptr_t)out, .write_size = out_size,
		.read_buffer = (uintptr_t)in, .read_size = in_size,
	};
	if (ioctl(device, BINDER_WRITE_READ, &exchange) < 0)
		fail("BINDER_WRITE_READ");
	return exchange.read_consumed;
}

static void send_number(uint32_t command, uint32_t number)
{
	struct {
		uint32_t command;
		struct binder_transaction_data data;
	} __attribute__((packed)) out = { .command = command };
	out.data.code = 1;
	out.data.data_size = sizeof(number);
	out.data.data.ptr.buffer = (uintptr_t)&number;
	exchange(&out, sizeof(out), NULL, 0);
}

/* Reads until a transaction, a reply or a failure comes; tells which, and the number in it. */
static uint32_t receive(uint32_t *number)
{
	uint8_t in[512];
	for (;;) {
		size_t size = exchange(NULL, 0, in, sizeof(in));
		for (size_t at = 0; at < size;) {
			uint32_t word;
			memcpy(&word, in + at, sizeof(word));
			at += sizeof(word);
			if (word == BR_TRANSACTION || word == BR_REPLY) {
				struct binder_transaction_data data;
				memcpy(&data, in + at, sizeof(data));
				memcpy(number, (void *)(uintptr_t)data.data.ptr.buffer, sizeof(*number));
				struct {
					uint32_t command;
					binder_uintptr_t buffer;
				} __attribute__((packed)) release = { BC_FREE_BUFFER, data.data.ptr.buffer };
				exchange(&release, sizeof(release), NULL, 0);
				return word;
			}
			if (word == BR_DEAD_REPLY || word == BR_FAILED_REPLY)
				return word;
			at += _IOC_SIZE(word);
		}
	}
}

static int serve(int count)
{
	uint32_t number, looper = BC_ENTER_LOOPER;
	if (ioctl(device, BINDER_SET_CONTEXT_MGR, 0) < 0)
		fail("BINDER_SET_CONTEXT_MGR");
	exchange(&looper, sizeof(looper), NULL, 0);
	while (count-- > 0) {
		while (receive(&number) != BR_TRANSACTION)
			;
		send_number(BC_REPLY, number + 1);
	}
	return 0;
}

static int call(int count)
{
	uint32_t number;
	for (int attempt = 0; attempt < 100; attempt++) {
		send_number(BC_TRANSACTION, 41);
		if (receive(&number) == BR_REPLY) {
			while (--count > 0) {
				send_number(BC_TRANSACTION, number);
				if (receive(&number) != BR_REPLY)
					fail("reply");
			}
			printf("client: reply %u\n", number);
			return 0;
		}
		nanosleep(&(struct timespec){ .tv_nsec = 50000000 }, NULL);
	}
	fprintf(stderr, "raw: nobody answers\n");
	return 1;
}

int main(int argc, char **argv)
{
	device = open("/dev/binder", O_RDWR | O_CLOEXEC);
	if (device < 0)
		fail("/dev/binder");
	if (mmap(NULL, REGION, PROT_READ, MAP_PRIVATE, device, 0) == MAP_FAILED)
		fail("mmap");
	int count = argc == 3 ? atoi(argv[2]) : 1;
	if (argc >= 2 && strcmp(argv[1], "server") == 0)
		return serve(count);
	if (argc >= 2 && strcmp(argv[1], "client") == 0)
		return call(count);
	fprintf(stderr, "usage: raw server|client [COUNT]\n");
	return 2;
}
