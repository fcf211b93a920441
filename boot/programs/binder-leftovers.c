/*
 * What messages leave behind in a receiver's mapping: those that fail in the middle, and those that were freed. A
 * receiver may look at all of its mapping at any time.
 */
#include "talk.h"

enum { SIZE = 0x8000, PAGES = 0x3000 };

static struct place manager, client;
/* Pages with nothing behind the last; its last bytes are where sources end. */
static uint8_t *edge;

/* What lies in the mapping, as runs of equal bytes. */
static void look(const char *text)
{
	printf("%s:", text);
	for (int at = 0; at < PAGES;) {
		int start = at;
		while (at < PAGES && manager.map[at] == manager.map[start])
			at++;
		if (at - start > 8 || at == PAGES) {
			printf(" %x*%02x", at - start, manager.map[start]);
		} else {
			printf(" ");
			for (int byte = start; byte < at; byte++)
				printf("%02x", manager.map[byte]);
		}
	}
	printf("\n");
}

/* The manager looks, reads, frees and looks again when it is its turn. */
static void manage(void)
{
	while (got.code != 9) {
		pass();
		look("left");
		got.code = 0;
		talk(&manager, "the manager reads");
		if (!got.code)
			continue;
		put_free(got.data.ptr.buffer);
		talk(&manager, "and frees");
		look("left");
	}
}

/* Fills the mapping with a byte, by a message that is read and freed. */
static void paint(uint8_t byte)
{
	static uint8_t paper[PAGES];
	memset(paper, byte, sizeof(paper));
	put_message(BC_TRANSACTION, 0, 1, TF_ONE_WAY, paper, sizeof(paper), NULL, 0);
	talk(&client, "paint");
	pass();
}

static void put_scattered(uint32_t flags, const void *data, size_t size, const void *offsets, size_t offsets_size, size_t buffers)
{
	struct binder_transaction_data_sg message = { .transaction_data = {
		.code = 2, .flags = flags, .data_size = size, .offsets_size = offsets_size,
		.data.ptr.buffer = (uintptr_t)data, .data.ptr.offsets = (uintptr_t)offsets },
		.buffers_size = buffers };
	put_command(BC_TRANSACTION_SG, &message);
}

static void data_that_ends_early(void)
{
	begin("data that ends early");
	static const size_t sizes[] = { 8, 24, 100, 0x800, 0xfff, 0x1000, 0x1004, 0x1800, 0x2800 };
	static const size_t missing[] = { 1, 4, 7, 0x90, 0x1001 };
	for (unsigned size = 0; size < sizeof(sizes) / sizeof(*sizes); size++)
		for (unsigned less = 0; less < sizeof(missing) / sizeof(*missing); less++) {
			if (missing[less] > sizes[size])
				continue;
			paint(0xa0 + less);
			put_message(BC_TRANSACTION, 0, 1, TF_ONE_WAY, edge + 0x4000 - sizes[size] + missing[less], sizes[size], NULL, 0);
			talk(&client, "too little");
			pass();
		}
}

static void sources_that_are_nowhere(void)
{
	begin("sources that are nowhere");
	static void *const places[] = { NULL, NOWHERE, (void *)0x7ffffffff000, (void *)0x7fffffffefff, KERNEL, (void *)-8, (void *)(1ul << 63) };
	for (unsigned place = 0; place < sizeof(places) / sizeof(*places); place++) {
		paint(0xb0 + place);
		put_message(BC_TRANSACTION, 0, 1, TF_ONE_WAY, places[place], 0x1010, NULL, 0);
		talk(&client, "data");
		pass();
		put_message(BC_TRANSACTION, 0, 1, TF_ONE_WAY, "12345678abcdefgh", 16, places[place], 16);
		talk(&client, "offsets");
		pass();
	}
	paint(0xbf);
	put_message(BC_TRANSACTION, 0, 1, TF_ONE_WAY, "12345678abcdefgh", 16, edge + 0x4000 - 12, 24);
	talk(&client, "offsets that end early");
	pass();
	put_message(BC_TRANSACTION, 0, 1, TF_ONE_WAY, "12345678abcdefgh", 16, edge + 0x4000 - 12, 12);
	talk(&client, "offsets of an odd size");
	pass();
}

/* A letter: data, then an object, then data, an object and data. */
static struct { uint64_t head; uint8_t first[40]; uint64_t middle; uint8_t second[40]; uint64_t tail; } letter;

static void write_letter(const void *first, size_t first_size, const void *second, size_t second_size)
{
	memset(&letter, 0x11, sizeof(letter));
	memcpy(letter.first, first, first_size);
	memcpy(letter.second, second, second_size);
}

static void objects_that_fail(void)
{
	begin("objects that fail");
	struct flat_binder_object node = { .hdr.type = BINDER_TYPE_BINDER, .flags = 0x7f, .binder = 0x1000, .cookie = 0x2000 };
	struct flat_binder_object handle = { .hdr.type = BINDER_TYPE_HANDLE, .handle = 77, .cookie = 5 };
	struct flat_binder_object other = { .hdr.type = BINDER_TYPE_BINDER, .binder = 0x1000, .cookie = 0x3000 };
	struct binder_fd_object file = { .hdr.type = BINDER_TYPE_FD, .fd = 2, .cookie = 9 }, none = { .hdr.type = BINDER_TYPE_FD, .fd = 99 };
	uint8_t unknown[24] = { 1, 2, 3 };
	const void *const seconds[] = { &handle, &other, &none, unknown, &node };
	binder_size_t offsets[][2] = { { 8, 56 }, { 8, 60 }, { 8, 8 }, { 8, 57 }, { 8, 120 }, { 56, 8 }, { 8, ~0ull } };
	for (unsigned first = 0; first < 2; first++)
		for (unsigned second = 0; second < 5; second++) {
			paint(0xc0 + second);
			write_letter(first ? (void *)&file : &node, 24, seconds[second], 24);
			put_message(BC_TRANSACTION, 0, 1, TF_ONE_WAY | (second == 4 && first ? 0x20 : 0), &letter, sizeof(letter), offsets[0], 16);
			talk(&client, "an object");
			pass();
		}
	for (unsigned index = 1; index < sizeof(offsets) / sizeof(*offsets); index++) {
		paint(0xd0 + index);
		write_letter(&node, 24, &node, 24);
		put_message(BC_TRANSACTION, 0, 1, TF_ONE_WAY, &letter, sizeof(letter), offsets[index], 16);
		talk(&client, "offsets");
		pass();
	}
	paint(0xdf);
	write_letter(&node, 24, &handle, 24);
	put_message(BC_TRANSACTION, 0, 1, TF_ONE_WAY | 0x20, &letter, sizeof(letter), offsets[0], 16);
	talk(&client, "to be cleared");
	pass();
}

static void scattered_buffers_that_fail(void)
{
	begin("scattered buffers that fail");
	struct binder_buffer_object parent = { .hdr.type = BINDER_TYPE_PTR, .buffer = (uintptr_t)edge, .length = 32 };
	struct binder_buffer_object child = { .hdr.type = BINDER_TYPE_PTR, .flags = BINDER_BUFFER_FLAG_HAS_PARENT, .buffer = (uintptr_t)edge + 64,
		.length = 24, .parent = 0, .parent_offset = 8 };
	struct binder_fd_array_object files = { .hdr.type = BINDER_TYPE_FDA, .num_fds = 2, .parent = 0, .parent_offset = 16 };
	binder_size_t offsets[2] = { 8, 56 };
	for (int index = 0; index < 256; index++)
		edge[index] = index;
	for (int way = 0; way < 9; way++) {
		struct binder_buffer_object top = parent, inner = child;
		struct binder_fd_array_object array = files;
		size_t room = 64;
		((uint32_t *)edge)[4] = 1;
		((uint32_t *)edge)[5] = 2;
		switch (way) {
		case 1: inner.buffer = (uintptr_t)edge + 0x4000 - 10; break;
		case 2: top.buffer = (uintptr_t)edge + 0x4000 - 20; break;
		case 3: room = 48; break;
		case 4: inner.parent_offset = 30; break;
		case 5: inner.parent = 1; break;
		case 6: break;
		case 7: ((uint32_t *)edge)[5] = 99; break;
		case 8: array.num_fds = 9; break;
		}
		paint(0xe0 + way);
		write_letter(&top, 40, way < 6 ? (void *)&inner : &array, way < 6 ? 40 : 32);
		put_scattered(TF_ONE_WAY, &letter, sizeof(letter), offsets, 16, room);
		talk(&client, "a letter");
		pass();
	}
}

int main(void)
{
	manager = enter("/dev/binder", O_NONBLOCK, 0);
	/* Addresses of the mapping are in messages, and are printed. */
	manager.map = mmap((void *)0x600000000, SIZE, PROT_READ, MAP_PRIVATE | MAP_FIXED, manager.fd, 0);
	become_manager(&manager, 0x17f);
	edge = mmap(NULL, 0x5000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(edge, 0x77, 0x4000);
	munmap(edge + 0x4000, 0x1000);
	begin("the manager");
	talk(&manager, "first");
	begin("the client");
	if (divide())
		return manage(), 0;
	close(manager.fd);
	client = enter("/dev/binder", O_NONBLOCK, SIZE);
	talk(&client, "first");
	put_message(BC_TRANSACTION, 0, 1, TF_ONE_WAY, edge, PAGES, NULL, 0);
	talk(&client, "so that there are pages");
	pass();
	data_that_ends_early();
	sources_that_are_nowhere();
	objects_that_fail();
	scattered_buffers_that_fail();
	put_message(BC_TRANSACTION, 0, 9, TF_ONE_WAY, NULL, 0, NULL, 0);
	talk(&client, "the end");
	let();
	return 0;
}
