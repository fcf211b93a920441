/*
 * Binder and what happens to processes: an inherited open, the end of who opened it, users, limits of descriptors.
 */
#include "talk.h"
#include <pthread.h>
#include <sys/resource.h>

#define NODE_FLAGS 0x17f

static const char binder[] = "/dev/binder";

/* Makes the caller context manager with a node that takes descriptors. */
static struct place manage(void)
{
	struct place place = enter(binder, O_NONBLOCK, 0x8000);
	become_manager(&place, NODE_FLAGS);
	return place;
}

static void an_inherited_open(void)
{
	begin("an inherited open");
	struct place place = enter(binder, O_NONBLOCK, 0);
	uint32_t version = 0;
	int child = divide();
	if (child == 0) {
		TRY_ADDRESS(mmap, 0, 0x4000, PROT_READ, MAP_PRIVATE, place.fd, 0);
		show("version", ioctl(place.fd, BINDER_VERSION, &version));
		talk(&place, "the child's first read");
		talk(&place, "the child's second read");
		exit(0);
	}
	bury(child);
	TRY_ADDRESS(mmap, 0, 0x4000, PROT_READ, MAP_PRIVATE, place.fd, 0);
	talk(&place, "the parent's first read");
	talk(&place, "the parent's second read");
	close(place.fd);
}

static void a_call_through_an_inherited_open(void)
{
	begin("a call through an inherited open");
	struct place client = enter(binder, O_NONBLOCK, 0x4000);
	int server = divide();
	if (server == 0) {
		struct place place = manage();
		pass();
		talk(&place, "first");
		talk(&place, "the server reads");
		put_free(got.data.ptr.buffer);
		put_message(BC_REPLY, 0, 7, 0, "answer", 8, NULL, 0);
		talk(&place, "the server replies");
		pass();
		exit(0);
	}
	pass();
	int child = fork();
	if (child == 0) {
		setresuid(1000, 1000, 1000);
		char one[8] = "call";
		put_message(BC_TRANSACTION, 0, 5, 0, one, 8, NULL, 0);
		talk(&client, "the child calls");
		pass();
		talk(&client, "and hears");
		exit(0);
	}
	waitpid(child, NULL, 0);
	put_free((uintptr_t)client.map);
	talk(&client, "the parent frees what the child got");
	talk(&client, "and hears nothing");
	bury(server);
	close(client.fd);
	munmap(client.map, client.size);
}

static void an_heir_calls(void)
{
	begin("an heir calls");
	int helper = divide();
	if (helper == 0) {
		struct place client = enter(binder, O_NONBLOCK, 0x4000);
		setresuid(1000, 1000, 1000);
		if (fork())
			_exit(0);
		talk(&client, "first");
		usleep(100000);
		put_message(BC_TRANSACTION, 0, 2, TF_ONE_WAY, NULL, 0, NULL, 0);
		talk(&client, "the heir calls one way");
		put_message(BC_TRANSACTION, 0, 1, 0, NULL, 0, NULL, 0);
		talk(&client, "the heir calls");
		pass();
		talk(&client, "the heir hears");
		exit(0);
	}
	struct place place = manage();
	talk(&place, "first");
	let();
	waitpid(helper, NULL, 0);
	char byte;
	read(turns[0][0], &byte, 1);
	talk(&place, "the manager reads");
	talk(&place, "the manager reads");
	put_message(BC_REPLY, 0, 1, 0, NULL, 0, NULL, 0);
	talk(&place, "the manager replies");
	bury(helper);
	close(place.fd);
	munmap(place.map, place.size);
	usleep(200000);
}

static struct place shared;

static void *read_once(void *unused)
{
	talk(&shared, "first");
	talk(&shared, "a reader");
	return unused;
}

static void the_end_of_a_child_wakes_readers(void)
{
	begin("the end of a child wakes readers");
	shared = enter(binder, 0, 0x4000);
	pthread_t reader;
	pthread_create(&reader, NULL, read_once, NULL);
	usleep(50000);
	int child = fork();
	if (child == 0)
		_exit(0);
	waitpid(child, NULL, 0);
	pthread_join(reader, NULL);
	close(shared.fd);
	munmap(shared.map, shared.size);
}

static void the_opener_ends(void)
{
	begin("the opener ends and a child has its open");
	int helper = divide();
	if (helper == 0) {
		struct place place = manage();
		int heir = fork();
		if (heir) {
			usleep(20000);
			_exit(0);
		}
		usleep(200000);
		pass();
		talk(&place, "the heir reads");
		talk(&place, "the heir reads again");
		put_message(BC_TRANSACTION, 0, 5, TF_ONE_WAY, NULL, 0, NULL, 0);
		talk(&place, "the heir calls");
		exit(0);
	}
	struct place client = enter(binder, O_NONBLOCK, 0x4000);
	talk(&client, "first");
	pass();
	put_message(BC_TRANSACTION, 0, 1, 0, NULL, 0, NULL, 0);
	talk(&client, "a call");
	struct binder_extended_error { uint32_t id, command; int32_t param; } error = { 0 };
	ioctl(client.fd, _IOWR('b', 17, struct binder_extended_error), &error);
	printf("%x %d\n", error.command, error.param);
	put_message(BC_TRANSACTION, 0, 2, TF_ONE_WAY, NULL, 0, NULL, 0);
	talk(&client, "a one-way call");
	put_watch(BC_REQUEST_DEATH_NOTIFICATION, 0, 0x77);
	put_handle(BC_ACQUIRE, 0);
	put_watch(BC_REQUEST_DEATH_NOTIFICATION, 0, 0x77);
	talk(&client, "watches");
	bury(helper);
	talk(&client, "the heir ended");
	put_message(BC_TRANSACTION, 0, 3, 0, NULL, 0, NULL, 0);
	talk(&client, "a call");
	close(client.fd);
	munmap(client.map, client.size);
}

static void *take_user(void *user)
{
	long id = (long)user;
	SYS(setresuid, id, id, id);
	put_message(BC_TRANSACTION, 0, 1, TF_ONE_WAY, NULL, 0, NULL, 0);
	talk(&shared, "the thread calls");
	return NULL;
}

static void users(void)
{
	begin("users");
	int client = divide();
	if (client == 0) {
		shared = enter(binder, O_NONBLOCK, 0x4000);
		pthread_t thread;
		pthread_create(&thread, NULL, take_user, (void *)2000);
		pthread_join(thread, NULL);
		pass();
		SYS(setresuid, 1000, 3000, 0);
		put_message(BC_TRANSACTION, 0, 2, TF_ONE_WAY, NULL, 0, NULL, 0);
		talk(&shared, "the leader calls");
		pass();
		show("manager", CALL(SYS_ioctl, shared.fd, BINDER_SET_CONTEXT_MGR, 0));
		pass();
		show("the user 3000 becomes manager", CALL(SYS_ioctl, shared.fd, BINDER_SET_CONTEXT_MGR, 0));
		SYS(setresuid, 0, 0, 0);
		show("the user 0 becomes manager", CALL(SYS_ioctl, shared.fd, BINDER_SET_CONTEXT_MGR, 0));
		exit(0);
	}
	struct place place = manage();
	talk(&place, "first");
	pass();
	talk(&place, "the manager reads");
	put_free(got.data.ptr.buffer);
	pass();
	talk(&place, "the manager reads");
	pass();
	close(place.fd);
	munmap(place.map, place.size);
	usleep(200000);
	bury(client);
}

/* Objects for descriptors, one behind the other. */
static struct binder_fd_object letters[2];
static const binder_size_t places[2] = { 0, sizeof(letters[0]) };

static void write_letters(int fd)
{
	for (int index = 0; index < 2; index++)
		letters[index] = (struct binder_fd_object){ .hdr.type = BINDER_TYPE_FD, .fd = fd };
}

static int lowest(void)
{
	int fd = dup(0);
	close(fd);
	return fd;
}

static void limit(int descriptors)
{
	struct rlimit limit = { descriptors, 4096 };
	setrlimit(RLIMIT_NOFILE, &limit);
}

static void a_receiver_without_room(int flags, const char *name)
{
	begin(name);
	int server = divide();
	if (server == 0) {
		struct place place = manage();
		talk(&place, "first");
		pass();
		int before = lowest();
		for (int room = 0; room < 3; room++) {
			limit(before + room);
			talk(&place, "the server reads");
			talk(&place, "the server reads again");
			show("lowest", lowest() - before);
			pass();
		}
		exit(0);
	}
	struct place client = enter(binder, O_NONBLOCK, 0x4000);
	talk(&client, "first");
	write_letters(0);
	pass();
	for (int room = 0; room < 3; room++) {
		put_message(BC_TRANSACTION, 0, 1, flags, letters, sizeof(letters), places, sizeof(places));
		talk(&client, "the client calls");
		pass();
		talk(&client, "the client hears");
	}
	bury(server);
	talk(&client, "the end");
	close(client.fd);
	munmap(client.map, client.size);
}

static void a_caller_without_room(void)
{
	begin("a caller without room for the descriptors of a reply");
	int server = divide();
	if (server == 0) {
		struct place place = manage();
		talk(&place, "first");
		write_letters(0);
		pass();
		for (int room = 0; room < 2; room++) {
			talk(&place, "the server reads");
			put_message(BC_REPLY, 0, 2, 0, letters, sizeof(letters), places, sizeof(places));
			talk(&place, "the server replies");
			pass();
		}
		exit(0);
	}
	struct place client = enter(binder, O_NONBLOCK, 0x4000);
	talk(&client, "first");
	pass();
	int before = lowest();
	for (int room = 0; room < 2; room++) {
		put_message(BC_TRANSACTION, 0, 1, TF_ACCEPT_FDS, NULL, 0, NULL, 0);
		talk(&client, "the client calls");
		pass();
		limit(before + room);
		talk(&client, "the client hears");
		talk(&client, "the client hears more");
		limit(1024);
		show("lowest", lowest() - before);
	}
	bury(server);
	close(client.fd);
	munmap(client.map, client.size);
}

static void a_program_is_replaced(char *self)
{
	begin("a program is replaced");
	int server = divide();
	if (server == 0) {
		manage();
		pass();
		execl("/proc/self/exe", self, "idle", NULL);
		exit(1);
	}
	struct place client = enter(binder, O_NONBLOCK, 0x4000);
	talk(&client, "first");
	pass();
	put_handle(BC_ACQUIRE, 0);
	put_watch(BC_REQUEST_DEATH_NOTIFICATION, 0, 0x88);
	put_message(BC_TRANSACTION, 0, 1, 0, NULL, 0, NULL, 0);
	talk(&client, "the client calls");
	let();
	usleep(300000);
	talk(&client, "the client hears");
	talk(&client, "and hears");
	kill(server, SIGKILL);
	bury(server);
	close(client.fd);
	munmap(client.map, client.size);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		for (;;)
			pause();
	signal(SIGPIPE, SIG_IGN);
	an_inherited_open();
	a_call_through_an_inherited_open();
	the_end_of_a_child_wakes_readers();
	the_opener_ends();
	an_heir_calls();
	users();
	a_receiver_without_room(0, "a receiver without room for descriptors");
	a_receiver_without_room(TF_ONE_WAY, "a receiver without room for descriptors of one-way calls");
	a_caller_without_room();
	a_program_is_replaced(argv[0]);
	return 0;
}
