/*
 * Binder and memory that is not what it should be: commands, returns and structures where pages end, mappings of every
 * kind, and the calls that files of other kinds understand.
 */
#include "talk.h"
#include <setjmp.h>

static const char binder[] = "/dev/binder";
/* Two pages; the second can be taken away. */
static uint8_t *edge;
static struct place manager;
static int server;

static sigjmp_buf fault;

static void on_fault(int signal)
{
	siglongjmp(fault, signal);
}

/* What reading a byte of memory gives. */
static void peek(const char *text, const volatile uint8_t *at)
{
	int signal = sigsetjmp(fault, 1);
	if (signal)
		printf("%s: %s\n", text, signal == SIGBUS ? "SIGBUS" : "SIGSEGV");
	else
		printf("%s: %02x\n", text, *at);
}

/* The write_read of a structure at a place. */
static void exchange_at(const struct place *place, const char *text, struct binder_write_read *exchange)
{
	long result = SYS(ioctl, place->fd, BINDER_WRITE_READ, exchange);
	printf("%s: %s\n", text, result < 0 ? strerrorname_np(-result) : "ok");
}

/* A server that is context manager, and reads, answers and reads on when it is its turn. */
static void serve(void)
{
	server = divide();
	if (server)
		return;
	manager = enter(binder, O_NONBLOCK, 0x8000);
	become_manager(&manager, 0x17f);
	talk(&manager, "first");
	for (;;) {
		pass();
		memset(&got, 0, sizeof(got));
		talk(&manager, "the server reads");
		if (got.code) {
			put_free(got.data.ptr.buffer);
			if (!(got.flags & TF_ONE_WAY))
				put_message(BC_REPLY, 0, 4, 0, "answered", 8, NULL, 0);
		}
		talk(&manager, "the server goes on");
	}
}

static void commands_at_an_edge(void)
{
	begin("commands that end where memory ends");
	struct place client = enter(binder, O_NONBLOCK, 0x4000);
	talk(&client, "first");
	for (int missing = 1; missing < 72; missing += 7) {
		put_handle(BC_ACQUIRE, 0);
		put_message(BC_TRANSACTION, 0, 1, TF_ONE_WAY, NULL, 0, NULL, 0);
		size_t count = length - missing;
		uint8_t *at = edge + 4096 - count;
		memcpy(at, out, count);
		struct binder_write_read exchange = { .write_buffer = (uintptr_t)at, .write_size = length,
			.read_buffer = (uintptr_t)in, .read_size = 256 };
		length = 0;
		char text[64];
		snprintf(text, sizeof(text), "%d bytes are missing", missing);
		exchange_at(&client, text, &exchange);
		printf("wc %lld rc %lld\n", exchange.write_consumed, exchange.read_consumed);
	}
	pass();
	put_handle(BC_RELEASE, 0);
	put_handle(BC_RELEASE, 0);
	talk(&client, "releases");
	close(client.fd);
	munmap(client.map, client.size);
}

static void returns_at_an_edge(void)
{
	begin("returns that end where memory ends");
	struct place client = enter(binder, O_NONBLOCK, 0x4000);
	talk(&client, "first");
	static const int rooms[] = { 0, 2, 4, 6, 8, 12, 24, 28, 48, 52 };
	for (unsigned index = 0; index < sizeof(rooms) / sizeof(*rooms); index++) {
		struct flat_binder_object object = { .hdr.type = BINDER_TYPE_BINDER, .binder = 0x1000 + 16 * index,
			.cookie = 0x10 };
		binder_size_t offset = 0;
		put_message(BC_TRANSACTION, 0, 1, TF_ONE_WAY, &object, sizeof(object), &offset, 8);
		char text[64];
		snprintf(text, sizeof(text), "room for %d bytes", rooms[index]);
		talk_at(&client, text, edge + 4096 - rooms[index], 512);
		talk(&client, "what was left");
		pass();
	}
	close(client.fd);
	munmap(client.map, client.size);
}

static void a_reply_at_an_edge(void)
{
	begin("a reply that finds no memory");
	struct place client = enter(binder, O_NONBLOCK, 0x4000);
	talk(&client, "first");
	static const int rooms[] = { 0, 4, 8, 40, 67, 68 };
	for (unsigned index = 0; index < sizeof(rooms) / sizeof(*rooms); index++) {
		put_message(BC_TRANSACTION, 0, 2, 0, "question", 8, NULL, 0);
		talk(&client, "the client calls");
		pass();
		char text[64];
		snprintf(text, sizeof(text), "room for %d bytes", rooms[index]);
		talk_at(&client, text, edge + 4096 - rooms[index], 512);
		talk(&client, "what was left");
		SYS(ioctl, client.fd, BINDER_THREAD_EXIT, 0);
		talk(&client, "another life");
		pass();
	}
	close(client.fd);
	munmap(client.map, client.size);
}

static void an_error_at_an_edge(void)
{
	begin("an error that finds no memory");
	struct place client = enter(binder, O_NONBLOCK, 0x4000);
	talk(&client, "first");
	put_message(BC_TRANSACTION, 9, 1, 0, NULL, 0, NULL, 0);
	talk_at(&client, "an unknown handle", edge + 4096 - 4, 512);
	uint32_t looper = BC_ENTER_LOOPER;
	for (int again = 0; again < 2; again++) {
		put(&looper, 4);
		talk(&client, "a looper");
	}
	show("the thread leaves", SYS(ioctl, client.fd, BINDER_THREAD_EXIT, 0));
	put(&looper, 4);
	talk(&client, "a looper");
	put_message(BC_TRANSACTION, 9, 1, 0, NULL, 0, NULL, 0);
	talk(&client, "an unknown handle");
	close(client.fd);
	munmap(client.map, client.size);
}

static void the_structure_at_an_edge(void)
{
	begin("a structure that ends where memory ends");
	struct place client = enter(binder, O_NONBLOCK, 0x4000);
	talk(&client, "first");
	struct binder_write_read exchange = { .read_buffer = (uintptr_t)in, .read_size = 256 };
	struct binder_write_read *at = (void *)(edge + 4096 - 40);
	memcpy(at, &exchange, 40);
	exchange_at(&client, "a part of it", at);
	uint8_t *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	put_message(BC_TRANSACTION, 0, 1, TF_ONE_WAY, NULL, 0, NULL, 0);
	exchange.write_buffer = (uintptr_t)out;
	exchange.write_size = length;
	length = 0;
	memcpy(page + 1, &exchange, sizeof(exchange));
	mprotect(page, 4096, PROT_READ);
	exchange_at(&client, "it cannot be written", (void *)(page + 1));
	talk(&client, "what was left");
	exchange_at(&client, "it is the kernel's", KERNEL);
	exchange_at(&client, "it is nowhere", NOWHERE);
	pass();
	TRY(ioctl, client.fd, BINDER_VERSION, page);
	TRY(ioctl, client.fd, BINDER_VERSION, KERNEL);
	TRY(ioctl, client.fd, BINDER_SET_MAX_THREADS, KERNEL);
	TRY(ioctl, client.fd, 0x4 << 16 | 0xffffffff00000000 | BINDER_VERSION, page);
	memset(out, 0, 8);
	TRY(ioctl, client.fd, 0xffffffff00000000 | BINDER_VERSION, out);
	close(client.fd);
	munmap(client.map, client.size);
}

static void mappings(void)
{
	begin("mappings");
	static const struct { size_t size, offset; int protection, flags, open; } tries[] = {
		{ 0x4000, 0, PROT_READ, MAP_SHARED, O_RDWR },
		{ 0x4000, 0, PROT_READ, MAP_PRIVATE, O_RDONLY },
		{ 0x4000, 0, PROT_READ, MAP_PRIVATE, O_WRONLY },
		{ 0x4000, 0, PROT_NONE, MAP_PRIVATE, O_RDWR },
		{ 0x4000, 0, PROT_READ | PROT_EXEC, MAP_PRIVATE, O_RDWR },
		{ 0x4000, 0, PROT_WRITE, MAP_PRIVATE, O_RDWR },
		{ 0x4000, 0x1000, PROT_READ, MAP_PRIVATE, O_RDWR },
		{ 0x4000, 0x123000, PROT_READ, MAP_SHARED, O_RDWR },
		{ 0x4000, 0x123, PROT_READ, MAP_SHARED, O_RDWR },
		{ 1, 0, PROT_READ, MAP_PRIVATE, O_RDWR },
		{ 0x1001, 0, PROT_READ, MAP_PRIVATE, O_RDWR },
		{ 0x400000, 0, PROT_READ, MAP_PRIVATE, O_RDWR },
		{ 0x400001, 0, PROT_READ, MAP_PRIVATE | MAP_NORESERVE, O_RDWR },
		{ 0x4000, 0, PROT_READ, MAP_PRIVATE | MAP_POPULATE, O_RDWR },
		{ 0x4000, 0, PROT_READ, MAP_PRIVATE | MAP_LOCKED, O_RDWR },
		{ 0x4000, 0, PROT_READ, MAP_SHARED_VALIDATE, O_RDWR },
	};
	for (unsigned index = 0; index < sizeof(tries) / sizeof(*tries); index++) {
		int fd = open(binder, tries[index].open | O_CLOEXEC);
		long address = SYS(mmap, NULL, tries[index].size, tries[index].protection, tries[index].flags, fd,
				   tries[index].offset);
		printf("%u: %s", index, address < 0 && address > -4096 ? strerrorname_np(-address) : "mapped");
		long again = SYS(mmap, NULL, 0x1000, PROT_READ, MAP_PRIVATE, fd, 0);
		printf(" again %s\n", again < 0 && again > -4096 ? strerrorname_np(-again) : "mapped");
		if (address > 0)
			SYS(munmap, address, tries[index].size);
		close(fd);
	}
}

static void changed_mappings(void)
{
	begin("mappings that are changed");
	static const char *const names[] = { "nothing", "mprotect to none", "mprotect to read and execute", "a hole at the end", "something else over it", "mremap to more", "mremap to less" };
	for (unsigned way = 0; way < sizeof(names) / sizeof(*names); way++) {
		struct place client = enter(binder, O_NONBLOCK, 0x4000);
		talk(&client, "first");
		put_message(BC_TRANSACTION, 0, 3, 0, "question", 8, NULL, 0);
		talk(&client, "the client calls");
		pass();
		talk(&client, "the client hears");
		void *at = client.map;
		long result = 0;
		switch (way) {
		case 1: result = SYS(mprotect, at, 0x4000, PROT_NONE); break;
		case 2: result = SYS(mprotect, at, 0x4000, PROT_READ | PROT_EXEC); break;
		case 3: result = SYS(munmap, (char *)at + 0x3000, 0x1000); break;
		case 4: result = SYS(mmap, (char *)at + 0x1000, 0x1000, PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) > 0 ? 0 : -1; break;
		case 5: result = SYS(mremap, at, 0x4000, 0x8000, MREMAP_MAYMOVE, 0) > 0; break;
		case 6: result = SYS(mremap, at, 0x4000, 0x2000, 0, 0) > 0; break;
		}
		show(names[way], result);
		if (way != 5)
			peek("the first byte", client.map);
		put_message(BC_TRANSACTION, 0, 3, 0, "question", 8, NULL, 0);
		talk(&client, "the client calls");
		pass();
		talk(&client, "the client hears");
		if (way != 5) {
			peek("the first byte", client.map);
			peek("the second answer", client.map + 8);
		}
		close(client.fd);
		munmap(client.map, client.size);
	}
}

static void pages_that_are_not_needed(void)
{
	begin("pages that the program does not need");
	static const struct { int advice; const char *name; } advices[] = {
		{ MADV_NORMAL, "normal" }, { MADV_WILLNEED, "will need" }, { MADV_COLD, "cold" }, { MADV_PAGEOUT, "page out" },
		{ MADV_FREE, "free" }, { MADV_DONTNEED, "do not need" },
	};
	struct place client = enter(binder, O_NONBLOCK, 0x4000);
	talk(&client, "first");
	static const char zeros[0x1800];
	for (unsigned index = 0; index < sizeof(advices) / sizeof(*advices); index++) {
		put_message(BC_TRANSACTION, 0, 3, 0, "question", 8, NULL, 0);
		talk(&client, "the client calls");
		pass();
		talk(&client, "the client hears");
		peek("the answer", (uint8_t *)got.data.ptr.buffer);
		show(advices[index].name, SYS(madvise, client.map, 0x2000, advices[index].advice));
		peek("the answer", (uint8_t *)got.data.ptr.buffer);
		peek("a page that was never used", client.map + 0x1000);
	}
	put_message(BC_TRANSACTION, 0, 3, TF_ONE_WAY, (void *)got.data.ptr.buffer, 8, NULL, 0);
	talk(&client, "the page as data");
	put_message(BC_TRANSACTION, 0, 3, 0, "question", 8, NULL, 0);
	talk(&client, "the client calls");
	pass();
	talk(&client, "the client hears");
	peek("another answer there", (uint8_t *)got.data.ptr.buffer);
	show("the mapping goes on", SYS(madvise, client.map + 0x3000, 0x2000, MADV_DONTNEED));
	show("no whole pages", SYS(madvise, client.map + 1, 0x1000, MADV_DONTNEED));
	show("read only", SYS(mprotect, client.map, 0x4000, PROT_READ));
	peek("the same", (uint8_t *)got.data.ptr.buffer);
	/* The server's own: what it reads is in pages that it never gave away. */
	put_message(BC_TRANSACTION, 0, 3, TF_ONE_WAY, zeros, sizeof(zeros), NULL, 0);
	talk(&client, "a one-way call of two pages");
	pass();
	talk(&client, "the client hears");
	close(client.fd);
	munmap(client.map, client.size);
}

static void calls_of_other_files(void)
{
	begin("calls of other files");
	struct place client = enter(binder, 0, 0x4000);
	char bytes[8];
	int fd = client.fd;
	TRY(read, fd, bytes, 8);
	TRY(write, fd, bytes, 8);
	TRY(lseek, fd, 0, SEEK_SET);
	TRY(ftruncate, fd, 0);
	TRY(fsync, fd);
	struct stat data;
	TRY(fstat, fd, &data);
	show("kind", data.st_mode & S_IFMT);
	TRY(fcntl, fd, F_GETFL);
	talk(&client, "first");
	TRY(fcntl, fd, F_SETFL, O_NONBLOCK);
	talk(&client, "it does not wait");
	TRY(ioctl, fd, FIONBIO, bytes);
	int number = 0;
	TRY(ioctl, fd, FIONREAD, &number);
	struct pollfd poll_all = { fd, 0xffff, 0 };
	show("poll", poll(&poll_all, 1, 0));
	show("revents", poll_all.revents);
	close(fd);
	TRY(ioctl, fd, BINDER_VERSION, &number);
	int file = open("/dev/null", O_RDWR);
	TRY(ioctl, file, BINDER_VERSION, &number);
	munmap(client.map, client.size);
}

int main(void)
{
	struct sigaction action = { .sa_handler = on_fault };
	sigaction(SIGBUS, &action, NULL);
	sigaction(SIGSEGV, &action, NULL);
	edge = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(edge + 4096, 4096);
	begin("a server");
	serve();
	char byte;
	let();
	read(turns[0][0], &byte, 1);
	commands_at_an_edge();
	returns_at_an_edge();
	a_reply_at_an_edge();
	an_error_at_an_edge();
	the_structure_at_an_edge();
	mappings();
	changed_mappings();
	pages_that_are_not_needed();
	calls_of_other_files();
	kill(server, SIGKILL);
	return 0;
}
