/*
 * The files below /sys/kernel/debug/binder: what they say in states that are rare, and how they behave as files.
 */
#include "talk.h"
#include <ctype.h>
#include <dirent.h>

#define PLACE "/sys/kernel/debug/binder/"
#define BC_REQUEST_FREEZE _IOW('c', 19, struct binder_handle_cookie)
#define BC_CLEAR_FREEZE _IOW('c', 20, struct binder_handle_cookie)

static char text[1 << 20];

static long load(const char *name)
{
	char path[128];
	snprintf(path, sizeof(path), PLACE "%s", name);
	int fd = open(path, O_RDONLY);
	long length = 0, count;
	if (fd < 0)
		return show(name, -errno);
	while ((count = read(fd, text + length, sizeof(text) - 1 - length)) > 0)
		length += count;
	text[length] = 0;
	close(fd);
	return length;
}

/* Numbers that differ from run to run, by the order in which they occur. */
static long numbers[4096];
static int number_count;

static void print_number(long number)
{
	int index = 0;
	while (index < number_count && numbers[index] != number)
		index++;
	if (index == number_count && number_count < 4096)
		numbers[number_count++] = number;
	printf("#%d", index);
}

/* Whether a number behind these words is one that differs. */
static int differs_behind(const char *start, const char *at)
{
	static const char *const words[] = { "proc ", "thread ", "node ", "ref ", "buffer ", "transaction ", "work ", "from ", "to ", ":" };
	for (unsigned word = 0; word < sizeof(words) / sizeof(*words); word++) {
		size_t length = strlen(words[word]);
		if (at - start >= (long)length && !memcmp(at - length, words[word], length))
			return 1;
	}
	return 0;
}

/* Prints a line without what differs from run to run. Of a "proc" that lists numbers all are such. */
static void print_line(char *line)
{
	char *elapsed = strstr(line, " elapsed ");
	if (elapsed) {
		size_t length = 9 + strspn(elapsed + 9, "0123456789ms");
		memmove(elapsed, elapsed + length, strlen(elapsed + length) + 1);
	}
	const char *list = strstr(line, " proc "), *at = line;
	while (*at) {
		if (at[0] == ' ' && at[1] == 'd' && at[2] == ' ' && isxdigit(at[3]) && strlen(at) > 15 && strspn(at + 3, "0123456789abcdef") == 16) {
			at += 19;
			continue;
		}
		int is_size = strstr(line, " size ") && at > strstr(line, " size ") && at < strstr(line, " size ") + 30;
		if (at > line && at[-1] == ' ' && strspn(at, "0123456789abcdef") == 16) {
			printf("PTR");
			at += 16;
		} else if (isdigit(*at) && (at == line || !isalnum(at[-1])) && !is_size && (differs_behind(line, at) || (list && at > list))) {
			print_number(strtol(at, (char **)&at, 10));
		} else {
			while (isalnum(*at))
				putchar(*at++);
			if (*at && !(isdigit(*at)))
				putchar(*at++);
		}
	}
}

/* Prints a file; of the statistics and logs what is comparable. */
static void dump(const char *name)
{
	printf("-- %s\n", strncmp(name, "proc/", 5) ? name : "proc/N");
	if (load(name) < 0)
		return;
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		/* Bindery's kernel is a process of its own, of the number 0. */
		print_line(line);
		printf("\n");
	}
	fflush(stdout);
}

static void dump_own(const char *name, int pid)
{
	char path[64];
	snprintf(path, sizeof(path), "%s/%d", name, pid);
	dump(path);
}

static struct place manager, client;

static int server;

/* A server that reads, and answers what is not one-way with a node, when it is its turn. */
static void serve(void)
{
	server = divide();
	if (server)
		return;
	client = enter("/dev/binder", O_NONBLOCK, 0x8000);
	talk(&client, "first");
	struct flat_binder_object node = { .hdr.type = BINDER_TYPE_BINDER, .flags = 0x7f, .binder = 0x1000, .cookie = 0x2000 };
	binder_size_t offset = 0;
	put_message(BC_TRANSACTION, 0, 1, TF_ONE_WAY, &node, sizeof(node), &offset, 8);
	talk(&client, "it sends its node");
	for (;;) {
		pass();
		talk(&client, "the server reads");
	}
}

static void states(void)
{
	begin("states of threads, nodes and work");
	manager = enter("/dev/binder", O_NONBLOCK, 0x8000);
	become_manager(&manager, 0x7f);
	talk(&manager, "first");
	serve();
	pass();
	talk(&manager, "the manager reads");
	put_handle(BC_ACQUIRE, 1);
	put_handle(BC_INCREFS, 1);
	put_free(got.data.ptr.buffer);
	put_watch(BC_REQUEST_DEATH_NOTIFICATION, 1, 0x77);
	put_watch(BC_REQUEST_FREEZE, 1, 0x88);
	talk_at(&manager, "it watches", NULL, 0);
	dump_own("proc", getpid());
	dump_own("proc", server);
	talk(&manager, "the manager reads");
	dump_own("proc", getpid());
	struct binder_freeze_info freeze = { server, 1, 0 };
	show("freeze", ioctl(manager.fd, BINDER_FREEZE, &freeze));
	put_message(BC_TRANSACTION, 1, 4, TF_ONE_WAY, "12345678", 8, NULL, 0);
	put_message(BC_TRANSACTION, 1, 5, TF_ONE_WAY | 0x40, "12345678", 8, NULL, 0);
	talk(&manager, "calls to the frozen");
	dump_own("proc", server);
	freeze.enable = 0;
	show("thaw", ioctl(manager.fd, BINDER_FREEZE, &freeze));
	put_watch(BC_CLEAR_FREEZE, 1, 0x88);
	put_watch(BC_CLEAR_DEATH_NOTIFICATION, 1, 0x77);
	talk_at(&manager, "it does not watch any more", NULL, 0);
	dump_own("proc", getpid());
	talk(&manager, "the manager reads");
	put_watch(BC_REQUEST_DEATH_NOTIFICATION, 1, 0x79);
	put_message(BC_TRANSACTION, 1, 6, 0, "1234", 4, NULL, 0);
	put_message(BC_TRANSACTION, 1, 7, TF_ONE_WAY, NULL, 0, NULL, 0);
	talk(&manager, "a call");
	dump_own("proc", getpid());
	dump_own("proc", server);
	pass();
	dump_own("proc", server);
	pass();
	dump_own("proc", server);
	kill(server, SIGKILL);
	bury(server);
	dump_own("proc", getpid());
	talk(&manager, "the manager reads");
	talk(&manager, "the manager reads");
	dump_own("proc", getpid());
	put_watch(BC_REQUEST_DEATH_NOTIFICATION, 1, 0x80);
	put_watch(BC_CLEAR_DEATH_NOTIFICATION, 1, 0x79);
	talk_at(&manager, "more wishes", NULL, 0);
	dump_own("proc", getpid());
	put_message(BC_TRANSACTION, 7, 1, 0, NULL, 0, NULL, 0);
	talk_at(&manager, "a call that fails", NULL, 0);
	dump_own("proc", getpid());
	SYS(ioctl, manager.fd, BINDER_THREAD_EXIT, 0);
	dump_own("proc", getpid());
}

static void contexts(void)
{
	begin("several contexts");
	struct place other = enter("/dev/hwbinder", O_NONBLOCK, 0x1000), third = enter("/dev/vndbinder", O_NONBLOCK, 0), more = enter("/dev/hwbinder", 0, 0x400000);
	become_manager(&other, 5);
	put_handle(BC_ACQUIRE, 0);
	put_message(BC_TRANSACTION, 0, 1, 0, NULL, 0, NULL, 0);
	talk(&more, "the own context");
	put_handle(BC_ACQUIRE, 0);
	talk(&third, "no manager");
	talk(&third, "no manager");
	dump_own("proc", getpid());
	close(third.fd);
	usleep(200000);
	dump_own("proc", getpid());
	munmap(more.map, 0x1000);
	dump_own("proc", getpid());
	close(other.fd);
	munmap(other.map, other.size);
	close(more.fd);
	munmap(more.map + 0x1000, more.size - 0x1000);
	usleep(200000);
	dump_own("proc", getpid());
}

static int by_name(const struct dirent **left, const struct dirent **right)
{
	return strcmp((*left)->d_name, (*right)->d_name);
}

static void files(void)
{
	begin("the files as files");
	struct dirent **entries;
	int count = scandir(PLACE, &entries, NULL, by_name);
	for (int index = 0; index < count; index++) {
		char path[300], target[64] = "";
		struct stat data;
		snprintf(path, sizeof(path), PLACE "%s", entries[index]->d_name);
		lstat(path, &data);
		readlink(path, target, sizeof(target) - 1);
		printf("%s type %d mode %o size %ld\n", entries[index]->d_name, entries[index]->d_type, data.st_mode, (long)data.st_size);
	}
	static const char *const names[] = { "state", "stats", "transactions", "transaction_log", "failed_transaction_log" };
	for (int name = 0; name < 5; name++) {
		char path[64], piece[8];
		snprintf(path, sizeof(path), PLACE "%s", names[name]);
		printf("-- %s\n", names[name]);
		show("write only", SYS(open, path, O_WRONLY) > 0);
		show("both", SYS(open, path, O_RDWR) > 0);
		show("to be cut off", SYS(open, path, O_RDONLY | O_TRUNC) > 0);
		show("a directory", SYS(open, path, O_RDONLY | O_DIRECTORY));
		int fd = open(path, O_RDONLY);
		long length = load(names[name]);
		char *whole = strdup(text);
		long at = 0, equal = 1;
		while ((count = read(fd, piece, 1 + at % 8)) > 0) {
			equal &= !memcmp(piece, whole + at, count);
			at += count;
		}
		/* The others tell how much time has passed. */
		if (name != 0 && name != 2)
			printf("in pieces: %d, equal %d\n", at == length, (int)equal);
		show("at the end", SYS(read, fd, piece, 8));
		show("to the start", SYS(lseek, fd, 0, SEEK_SET));
		show("a read", SYS(read, fd, piece, 6));
		printf("%.*s\n", name < 3 ? 6 : 0, piece);
		show("a little further", SYS(lseek, fd, 2, SEEK_CUR));
		show("from the end", SYS(lseek, fd, -2, SEEK_END));
		show("a read there", SYS(pread64, fd, piece, 4, 3));
		printf("%.*s\n", name < 3 ? 4 : 0, piece);
		show("far behind", SYS(pread64, fd, piece, 4, 1 << 24));
		show("before the start", SYS(pread64, fd, piece, 4, -1));
		show("nowhere", SYS(read, fd, NOWHERE, 4));
		show("a write", SYS(write, fd, piece, 1));
		show("a request", SYS(ioctl, fd, BINDER_VERSION, piece));
		struct pollfd ready = { fd, POLLIN | POLLOUT, 0 };
		show("ready", SYS(poll, &ready, 1, 0));
		printf("%x\n", ready.revents);
		TRY_ADDRESS(mmap, 0, 0x1000, PROT_READ, MAP_PRIVATE, fd, 0);
		free(whole);
		close(fd);
	}
	show("no such process", SYS(open, PLACE "proc/999999", O_RDONLY));
	show("no number", SYS(open, PLACE "proc/x", O_RDONLY));
	show("no such file", SYS(open, PLACE "none", O_RDONLY));
}

static void changes(void)
{
	static const char *const places[] = { PLACE, PLACE "proc/", "/sys/kernel/debug/" };
	begin("nothing is made, moved or removed among the files");
	for (int place = 0; place < 3; place++) {
		char file[64], name[64];
		printf("-- in %s\n", places[place]);
		snprintf(name, sizeof(name), "%snew", places[place]);
		snprintf(file, sizeof(file), "%s%s", places[place], place == 0 ? "state" : place == 1 ? "1" : "binder");
		show("make", SYS(open, name, O_CREAT | O_WRONLY, 0644));
		show("make to read", SYS(open, name, O_CREAT | O_RDONLY, 0644));
		show("make alone", SYS(open, name, O_CREAT | O_EXCL | O_RDWR, 0644));
		show("make without a name", SYS(open, places[place], O_TMPFILE | O_RDWR, 0644));
		show("make a directory", SYS(mkdir, name, 0755));
		show("make a link", SYS(symlink, "state", name));
		show("write", SYS(open, name, O_WRONLY));
		show("remove none", SYS(unlink, name));
		show("remove no directory", SYS(rmdir, name));
		show("open for writing", SYS(open, places[place], O_WRONLY));
		show("allowed to write", SYS(access, places[place], W_OK));
		if (place == 1)
			continue;
		show("make alone what is there", SYS(open, file, O_CREAT | O_EXCL | O_RDWR, 0644));
		show("make a directory that is there", SYS(mkdir, file, 0755));
		show("a second name", SYS(link, file, name));
		show("another name", SYS(rename, file, name));
		show("the same name", SYS(rename, file, file));
		show("remove", SYS(unlink, file));
		show("remove a directory", SYS(rmdir, file));
		show("allowed to write", SYS(access, file, W_OK));
		show("allowed to run", SYS(access, file, X_OK));
	}
	show("make what is there", SYS(open, PLACE "state", O_CREAT | O_RDONLY, 0644) > 0);
	show("move out", SYS(rename, PLACE "state", "/tmp/state"));
	show("move in", SYS(rename, "/proc/self/exe", PLACE "new"));
	show("run", SYS(execve, PLACE "state", NULL, NULL));
	show("behind a file", SYS(open, PLACE "state/new", O_CREAT | O_WRONLY, 0644));
	int child = fork();
	if (child == 0) {
		setresuid(1000, 1000, 1000);
		show("another user reads", SYS(open, PLACE "state", O_RDONLY));
		show("another user writes", SYS(open, PLACE "state", O_WRONLY));
		show("another user makes", SYS(open, PLACE "new", O_CREAT | O_WRONLY, 0644));
		show("another user makes outside", SYS(open, "/sys/kernel/new", O_CREAT | O_WRONLY, 0644));
		show("another user makes a directory", SYS(mkdir, PLACE "new", 0755));
		show("another user looks", SYS(access, PLACE "state", F_OK));
		fflush(stdout);
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

static void a_process_that_ends(void)
{
	begin("the file of a process that ends");
	int child = divide();
	if (child == 0) {
		struct place place = enter("/dev/binder", O_NONBLOCK, 0x1000);
		talk(&place, "first");
		pass();
		exit(0);
	}
	pass();
	char path[64];
	snprintf(path, sizeof(path), PLACE "proc/%d", child);
	int fd = open(path, O_RDONLY);
	show("open", fd > 0);
	show("a start", SYS(read, fd, text, 10));
	snprintf(path, sizeof(path), PLACE "proc/%d", getpid());
	int own = open(path, O_RDONLY);
	show("own", SYS(read, own, text, 4000) > 0);
	show("nothing more", SYS(read, own, text, 4000));
	struct place more = enter("/dev/vndbinder", O_NONBLOCK, 0x1000);
	show("its end has moved", SYS(read, own, text, 4000));
	lseek(own, 0, SEEK_SET);
	long length = SYS(read, own, text, 4000);
	show("the new open is there", !!memmem(text, length, "vndbinder", 9));
	close(more.fd);
	munmap(more.map, more.size);
	snprintf(path, sizeof(path), PLACE "proc/%d", child);
	bury(child);
	show("from the start", SYS(pread64, fd, text, 4000, 0));
	show("it is gone", SYS(open, path, O_RDONLY));
}

int main(void)
{
	states();
	contexts();
	files();
	changes();
	a_process_that_ends();
	return 0;
}
