/*
 * The device as a file: what calls that are not binder's own say of it, of its mapping and of its descriptors.
 */
#include "talk.h"
#include <dirent.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>

static const char binder[] = "/dev/binder";

static void ways_to_open(void)
{
	begin("ways to open");
	static const struct { int flags; const char *name; } ways[] = {
		{ O_RDONLY, "O_RDONLY" }, { O_WRONLY, "O_WRONLY" }, { O_RDWR, "O_RDWR" }, { 3, "3" },
		{ O_RDWR | O_APPEND, "O_APPEND" }, { O_RDWR | O_TRUNC, "O_TRUNC" }, { O_RDWR | O_CREAT, "O_CREAT" },
		{ O_RDWR | O_CREAT | O_EXCL, "O_EXCL" }, { O_RDWR | O_DIRECTORY, "O_DIRECTORY" }, { O_PATH, "O_PATH" },
		{ O_RDWR | O_NOFOLLOW, "O_NOFOLLOW" }, { O_RDWR | O_SYNC, "O_SYNC" }, { O_RDWR | O_NOCTTY, "O_NOCTTY" },
		{ O_RDWR | O_ASYNC, "O_ASYNC" }, { O_RDWR | O_NONBLOCK, "O_NONBLOCK" }, { O_RDWR | O_NOATIME, "O_NOATIME" },
		{ O_RDWR | O_CLOEXEC, "O_CLOEXEC" },
	};
	for (unsigned way = 0; way < sizeof(ways) / sizeof(*ways); way++) {
		uint32_t version = 0;
		int fd = SYS(open, binder, ways[way].flags, 0600);
		show(ways[way].name, fd < 0 ? fd : 0);
		if (fd < 0)
			continue;
		printf("flags %o, descriptor flags %d\n", fcntl(fd, F_GETFL), fcntl(fd, F_GETFD));
		show("version", SYS(ioctl, fd, BINDER_VERSION, &version));
		show("read", SYS(read, fd, out, 1));
		show("write", SYS(write, fd, out, 1));
		show("map", SYS(mmap, 0x700000000, 0x1000, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0) == 0x700000000);
		close(fd);
	}
	munmap((void *)0x700000000, 0x1000);
	TRY(open, "/dev/binder/", O_RDWR);
	TRY(open, "/dev/binder/none", O_RDWR);
	TRY(open, "/dev/nobinder", O_RDWR);
	TRY(open, "/dev/../dev/./binder", O_RDONLY | O_DIRECTORY);
}

static void what_it_is(void)
{
	begin("what it is");
	static const char *const devices[] = { "/dev/binder", "/dev/hwbinder", "/dev/vndbinder" };
	for (int device = 0; device < 3; device++) {
		struct stat data, opened;
		show(devices[device], stat(devices[device], &data));
		int fd = open(devices[device], O_RDWR | O_CLOEXEC);
		show("fstat", fstat(fd, &opened));
		printf("kind %o links %d size %ld blocks %ld block %ld major %u uid %d gid %d same %d\n", data.st_mode & S_IFMT, (int)data.st_nlink,
		       (long)data.st_size, (long)data.st_blocks, (long)data.st_blksize, major(data.st_rdev), data.st_uid, data.st_gid,
		       data.st_ino == opened.st_ino && data.st_rdev == opened.st_rdev && data.st_dev == opened.st_dev);
		struct statx more;
		show("statx", SYS(statx, fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &more));
		printf("kind %o links %u size %llu major %u same %d\n", more.stx_mode & S_IFMT, more.stx_nlink, more.stx_size, more.stx_rdev_major,
		       more.stx_rdev_minor == minor(data.st_rdev));
		char path[64], name[64] = "";
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		int length = readlink(path, name, sizeof(name));
		printf("%d %s\n", length, name);
		int again = open(path, O_RDWR | O_CLOEXEC);
		struct place first = { .fd = fd }, second = { .fd = again };
		talk(&first, "first");
		talk(&second, "another open by its descriptor");
		show("access", access(devices[device], R_OK | W_OK));
		show("may be executed", SYS(access, devices[device], X_OK));
		close(again);
		close(fd);
	}
}

static void the_mapping(void)
{
	begin("the mapping");
	static const struct { size_t size; int protection, flags; } ways[] = {
		{ 0x1000, PROT_READ, MAP_PRIVATE }, { 0x3001, PROT_READ, MAP_SHARED }, { 0x500000, PROT_NONE, MAP_PRIVATE | MAP_NORESERVE },
		{ 0x2000, PROT_READ | PROT_EXEC, MAP_SHARED },
	};
	for (unsigned way = 0; way < sizeof(ways) / sizeof(*ways); way++) {
		int fd = open(binder, O_RDWR | O_CLOEXEC);
		char *map = mmap((void *)0x600000000, ways[way].size, ways[way].protection, ways[way].flags | MAP_FIXED, fd, 0);
		TRY_ADDRESS(mmap, 0x600000000, 0x1000, PROT_READ, MAP_PRIVATE | MAP_FIXED_NOREPLACE, fd, 0);
		for (int step = 0; step < 3; step++) {
			FILE *maps = fopen("/proc/self/maps", "r");
			char line[256];
			while (fgets(line, sizeof(line), maps)) {
				char range[64], protection[8], offset[32], device[16], inode[32], name[64] = "";
				sscanf(line, "%63s %7s %31s %15s %31s %63s", range, protection, offset, device, inode, name);
				if (!strcmp(name, binder))
					printf("%s %s %s %s\n", range, protection, offset, name);
			}
			fclose(maps);
			if (step == 0)
				show("protect", SYS(mprotect, map, 0x1000, PROT_NONE));
			if (step == 1)
				close(fd);
		}
		show("sync", SYS(msync, map, 0x1000, MS_ASYNC));
		show("unmap", SYS(munmap, map, ways[way].size));
	}
}

static void calls_about_descriptors(void)
{
	begin("calls about descriptors");
	int fd = open(binder, O_RDWR | O_CLOEXEC);
	struct iovec vector = { out, 8 };
	TRY(pread64, fd, out, 8, 0);
	TRY(pwrite64, fd, out, 8, 0);
	TRY(pread64, fd, out, 8, -1);
	TRY(readv, fd, &vector, 1);
	TRY(writev, fd, &vector, 1);
	TRY(read, fd, out, 0);
	TRY(write, fd, out, 0);
	TRY(read, fd, NOWHERE, 8);
	TRY(lseek, fd, 0, SEEK_CUR);
	TRY(lseek, fd, 0, SEEK_END);
	TRY(lseek, fd, 5, SEEK_SET);
	TRY(lseek, fd, 0, 9);
	TRY(ftruncate, fd, 5);
	TRY(fallocate, fd, 0, 0, 5);
	TRY(fsync, fd);
	TRY(fdatasync, fd);
	TRY(getdents64, fd, out, 100);
	TRY(fchdir, fd);
	TRY(fcntl, fd, F_GETFD);
	TRY(fcntl, fd, F_SETFD, 0);
	TRY(fcntl, fd, F_GETFD);
	TRY(fcntl, fd, F_GETFL);
	TRY(fcntl, fd, F_SETFL, O_APPEND | O_NONBLOCK);
	TRY(fcntl, fd, F_GETFL);
	TRY(fcntl, fd, F_SETFL, 0);
	TRY(fcntl, fd, F_GETPIPE_SZ);
	TRY(fcntl, fd, F_SETPIPE_SZ, 4096);
	TRY(fcntl, fd, F_GET_SEALS);
	TRY(fcntl, fd, F_ADD_SEALS, 1);
	TRY(fcntl, fd, 99);
	TRY(fcntl, 99, F_GETFD);
	int other = fcntl(fd, F_DUPFD_CLOEXEC, 50);
	show("duplicate", other);
	show("its flags", fcntl(other, F_GETFD));
	TRY(dup2, fd, fd);
	TRY(dup3, fd, fd, 0);
	TRY(dup2, fd, 60);
	TRY(dup3, fd, 61, O_CLOEXEC);
	TRY(dup3, fd, 61, O_NONBLOCK);
	TRY(dup2, fd, -1);
	TRY(close, 60);
	TRY(close, 60);
	TRY(close, 61);
	TRY(close, other);
	TRY(close, fd);
	TRY(close, fd);
}

static void requests_of_all_kinds(void)
{
	begin("requests of all kinds");
	int fd = open(binder, O_RDWR | O_CLOEXEC), number = 1;
	TRY(ioctl, fd, FIONBIO, &number);
	TRY(fcntl, fd, F_GETFL);
	number = 0;
	TRY(ioctl, fd, FIONBIO, &number);
	TRY(ioctl, fd, FIONBIO, NOWHERE);
	TRY(ioctl, fd, FIOCLEX);
	TRY(ioctl, fd, FIONCLEX);
	TRY(fcntl, fd, F_GETFD);
	TRY(ioctl, fd, FIONREAD, &number);
	TRY(ioctl, fd, TCGETS, out);
	TRY(ioctl, fd, TIOCGWINSZ, out);
	TRY(ioctl, fd, 0, 0);
	TRY(ioctl, fd, -1, 0);
	for (int number = 0; number < 24; number++)
		for (int way = 0; way < 4; way++) {
			char text[32];
			uint64_t argument[8] = { 0 };
			snprintf(text, sizeof(text), "%d %d", number, way);
			show(text, SYS(ioctl, fd, _IOC(way, 'b', number, way == 3 ? 12 : way == 2 ? 8 : way * 4), argument));
		}
	close(fd);
	int files[] = { open("/dev/null", O_RDWR), open("/proc/self/maps", O_RDONLY), open("/", O_RDONLY), open("/tmp/plain", O_RDWR | O_CREAT, 0600),
		epoll_create1(0), eventfd(0, 0), 0, 0, 99, -1, open(binder, O_PATH) };
	int pair[2];
	pipe(pair);
	files[6] = pair[0];
	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	files[7] = pair[0];
	for (unsigned file = 0; file < sizeof(files) / sizeof(*files); file++) {
		char text[32];
		snprintf(text, sizeof(text), "file %u", file);
		show(text, SYS(ioctl, files[file], BINDER_VERSION, out));
		show("exchange", SYS(ioctl, files[file], BINDER_WRITE_READ, out));
	}
}

static void readiness(void)
{
	begin("readiness of the device");
	int fd = open(binder, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	struct place place = { .fd = fd };
	struct pollfd files[4] = { { fd, POLLIN, 0 }, { fd, 0, 0 }, { -1, POLLIN, 7 }, { 99, POLLIN, 0 } };
	show("poll", SYS(poll, files, 4, 0));
	printf("%x %x %x %x\n", files[0].revents, files[1].revents, files[2].revents, files[3].revents);
	struct timespec none = { 0, 0 };
	show("ppoll", SYS(ppoll, files, 2, &none, NULL, 8));
	printf("%x %x\n", files[0].revents, files[1].revents);
	talk(&place, "first");
	show("poll", SYS(poll, files, 1, 20));
	show("a negative count", SYS(poll, files, -1, 0));
	show("nowhere", SYS(poll, NOWHERE, 1, 0));
	int set = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET | EPOLLONESHOT, .data.u64 = 3 }, found[4];
	show("add", SYS(epoll_ctl, set, EPOLL_CTL_ADD, fd, &event));
	show("again", SYS(epoll_ctl, set, EPOLL_CTL_ADD, fd, &event));
	show("wait", SYS(epoll_wait, set, found, 4, 0));
	show("change", SYS(epoll_ctl, set, EPOLL_CTL_MOD, fd, &event));
	show("the set in itself", SYS(epoll_ctl, set, EPOLL_CTL_ADD, set, &event));
	show("remove", SYS(epoll_ctl, set, EPOLL_CTL_DEL, fd, NULL));
	show("again", SYS(epoll_ctl, set, EPOLL_CTL_DEL, fd, NULL));
	show("change", SYS(epoll_ctl, set, EPOLL_CTL_MOD, fd, &event));
	show("add to no set", SYS(epoll_ctl, fd, EPOLL_CTL_ADD, set, &event));
	show("the device is no set", SYS(epoll_wait, fd, found, 4, 0));
	int outer = epoll_create1(EPOLL_CLOEXEC);
	event.events = EPOLLIN;
	show("add", SYS(epoll_ctl, set, EPOLL_CTL_ADD, fd, &event));
	show("a set of sets", SYS(epoll_ctl, outer, EPOLL_CTL_ADD, set, &event));
	put_message(BC_TRANSACTION, 9, 1, 0, NULL, 0, NULL, 0);
	talk_at(&place, "an error", NULL, 0);
	show("wait", SYS(epoll_wait, outer, found, 4, 0));
	show("wait", SYS(epoll_wait, set, found, 4, 0));
	talk(&place, "it is read");
	show("wait", SYS(epoll_wait, outer, found, 4, 0));
	show("wait", SYS(epoll_wait, set, found, 4, 0));
	int copy = dup(fd);
	show("a duplicate too", SYS(epoll_ctl, set, EPOLL_CTL_ADD, copy, &event));
	close(fd);
	usleep(50000); /* Linux flushes later, on a worker */
	place.fd = copy;
	talk(&place, "a flush");
	put_message(BC_TRANSACTION, 9, 1, 0, NULL, 0, NULL, 0);
	talk_at(&place, "an error", NULL, 0);
	show("both", SYS(epoll_wait, set, found, 4, 0));
	close(copy);
	usleep(50000);
	show("none", SYS(epoll_wait, set, found, 4, 0));
}

static void beyond_the_end(char *self)
{
	begin("a program that starts another");
	int kept = open(binder, O_RDWR), gone = open(binder, O_RDWR | O_CLOEXEC), unused = open(binder, O_RDWR);
	mmap(NULL, 0x1000, PROT_READ, MAP_PRIVATE, kept, 0);
	struct place place = { .fd = kept };
	talk(&place, "first");
	fflush(stdout);
	char first[16], second[16], third[16];
	snprintf(first, sizeof(first), "%d", kept);
	snprintf(second, sizeof(second), "%d", gone);
	snprintf(third, sizeof(third), "%d", unused);
	execl(self, self, first, second, third, NULL);
}

static void go_on(char **numbers)
{
	uint32_t version;
	struct place place = { .fd = atoi(numbers[1]) };
	show("kept", SYS(ioctl, place.fd, BINDER_VERSION, &version));
	show("gone", SYS(ioctl, atoi(numbers[2]), BINDER_VERSION, &version));
	SYS(fcntl, place.fd, F_SETFL, O_NONBLOCK);
	talk(&place, "a read");
	talk(&place, "another");
	for (int number = 1; number < 4; number += 2) {
		place.fd = atoi(numbers[number]);
		TRY_ADDRESS(mmap, 0, 0x1000, PROT_READ, MAP_PRIVATE, place.fd, 0);
		TRY_ADDRESS(mmap, 0, 0x1000, PROT_READ | PROT_WRITE, MAP_PRIVATE, place.fd, 0);
		SYS(ioctl, place.fd, BINDER_SET_CONTEXT_MGR, 0);
		put_message(BC_TRANSACTION, 0, 1, 0, NULL, 0, NULL, 0);
		talk(&place, "a call");
	}
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return go_on(argv), 0;
	ways_to_open();
	what_it_is();
	the_mapping();
	calls_about_descriptors();
	requests_of_all_kinds();
	readiness();
	beyond_the_end("/proc/self/exe");
	return 1;
}
