/* Tries what files, directories and paths do, and prints it. */
#include "try.h"
#include <dirent.h>

struct entry {
	uint64_t inode;
	int64_t next;
	uint16_t length;
	uint8_t kind;
	char name[];
};

static char buffer[4096];

static void show_status(const char *text, const char *path)
{
	struct stat status;
	long result = SYS(newfstatat, AT_FDCWD, path, &status, AT_SYMLINK_NOFOLLOW);
	if (result < 0)
		show(text, result);
	else
		printf("%s: mode %o, links %lu, size %ld\n", text, status.st_mode, (unsigned long)status.st_nlink,
		       S_ISDIR(status.st_mode) || !strncmp(path, "/proc", 5) ? 0L : (long)status.st_size);
}

static int by_name(const void *one, const void *other)
{
	return strcmp(*(char *const *)one, *(char *const *)other);
}

static void list(const char *path)
{
	char *names[64];
	int count = 0;
	long directory = SYS(openat, AT_FDCWD, path, O_RDONLY | O_DIRECTORY);
	long size;
	while ((size = SYS(getdents64, directory, buffer, 100)) > 0)
		for (long at = 0; at < size;) {
			struct entry *entry = (struct entry *)(buffer + at);
			asprintf(&names[count++], "%s (%d)", entry->name, entry->kind);
			at += entry->length;
		}
	qsort(names, count, sizeof(*names), by_name);
	printf("%s:", path);
	for (int index = 0; index < count; index++)
		printf(" %s", names[index]);
	printf("\n");
	show("end of the list", size);
	SYS(close, directory);
}

static void opening(void)
{
	printf("case files: opening\n");
	TRY(open, "/tmp/one", O_RDONLY);
	TRY(open, "/tmp/one", O_RDWR | O_CREAT | O_EXCL, 0640);
	TRY(open, "/tmp/one", O_RDWR | O_CREAT | O_EXCL, 0640);
	TRY(open, "/tmp/one/two", O_RDONLY);
	TRY(open, "/tmp/one/", O_RDONLY);
	TRY(open, "/tmp/none/", O_RDWR | O_CREAT, 0600);
	TRY(open, "/tmp/none/two", O_RDWR | O_CREAT, 0600);
	TRY(open, "/tmp", O_RDWR);
	TRY(open, "/tmp", O_WRONLY | O_CREAT, 0600);
	TRY(open, "/tmp/one", O_RDONLY | O_DIRECTORY);
	TRY(open, "", O_RDONLY);
	TRY(open, NOWHERE, O_RDONLY);
	TRY(open, KERNEL, O_RDONLY);
	memset(buffer, 'x', sizeof(buffer));
	TRY(open, buffer, O_RDONLY);
	buffer[300] = 0;
	TRY(open, buffer, O_RDONLY);
	TRY(openat, 99, "tmp", O_RDONLY);
	TRY(openat, 99, "/tmp", O_RDONLY);
	TRY(openat, 3, "one", O_RDONLY);
	TRY(openat, 4, "one", O_RDONLY);
	TRY(openat, 4, "../tmp/./one", O_RDONLY);
	TRY(openat, 4, "..//..///tmp/one", O_RDONLY);
	TRY(open, "/proc/self/exe", O_RDONLY | O_NOFOLLOW);
	for (int file = 3; file < 12; file++)
		SYS(close, file);
	show_status("one", "/tmp/one");
	show_status("exe", "/proc/self/exe");
	show_status("null", "/dev/null");
}

static void transfers(void)
{
	printf("case files: transfers\n");
	struct iovec pieces[3] = { { "abc", 3 }, { NULL, 0 }, { "defg", 4 } };
	TRY(open, "/tmp/two", O_RDWR | O_CREAT | O_TRUNC, 0644);
	TRY(write, 3, "hello", 5);
	TRY(write, 3, "", 0);
	TRY(writev, 3, pieces, 3);
	TRY(writev, 3, pieces, 1025);
	TRY(writev, 3, pieces, -1);
	TRY(lseek, 3, 0, SEEK_CUR);
	TRY(lseek, 3, 0, SEEK_SET);
	TRY(read, 3, buffer, 100);
	printf("%.12s\n", buffer);
	TRY(read, 3, buffer, 100);
	TRY(pread64, 3, buffer, 100, 10);
	TRY(pread64, 3, buffer, 100, -1);
	TRY(pread64, 3, buffer, 100, 1000);
	TRY(pwrite64, 3, "XY", 2, 20);
	TRY(lseek, 3, 0, SEEK_END);
	TRY(lseek, 3, -100, SEEK_END);
	TRY(lseek, 3, 5, 9);
	TRY(lseek, 3, 15, SEEK_DATA);
	TRY(lseek, 3, 15, SEEK_HOLE);
	TRY(lseek, 3, 25, SEEK_DATA);
	TRY(lseek, 3, 3, SEEK_SET);
	pieces[0] = (struct iovec){ buffer, 2 };
	pieces[2] = (struct iovec){ buffer + 2, 3 };
	TRY(readv, 3, pieces, 3);
	printf("%.5s\n", buffer);
	pieces[2].iov_base = KERNEL;
	TRY(readv, 3, pieces, 3);
	pieces[2].iov_base = NOWHERE;
	TRY(readv, 3, pieces, 3);
	TRY(read, 3, NOWHERE, 5);
	TRY(read, 3, KERNEL, 5);
	TRY(read, 99, KERNEL, 5);
	TRY(write, 3, NOWHERE, 5);
	TRY(ftruncate, 3, 4);
	TRY(ftruncate, 3, -4);
	TRY(lseek, 3, 0, SEEK_END);
	TRY(ftruncate, 3, 8);
	TRY(pread64, 3, buffer, 100, 0);
	printf("%d %d %d %d\n", buffer[3], buffer[4], buffer[6], buffer[7]);
	TRY(fallocate, 3, 0, 0, 16);
	TRY(fallocate, 3, 0, 4, 0);
	TRY(fsync, 3);
	show_status("two", "/tmp/two");
	TRY(open, "/tmp/two", O_RDONLY);
	TRY(write, 4, "x", 1);
	TRY(ftruncate, 4, 1);
	TRY(open, "/tmp/two", O_WRONLY | O_APPEND);
	TRY(read, 5, buffer, 1);
	TRY(write, 5, "end", 3);
	TRY(lseek, 5, 0, SEEK_CUR);
	TRY(open, "/tmp/two", O_WRONLY | O_TRUNC);
	TRY(pread64, 3, buffer, 100, 0);
	TRY(open, "/tmp", O_RDONLY);
	TRY(read, 7, buffer, 1);
	for (int file = 3; file < 8; file++)
		SYS(close, file);
	TRY(read, 3, buffer, 1);
	TRY(close, 3);
}

static void names(void)
{
	printf("case files: names\n");
	SYS(umask, 022);
	TRY(umask, 022);
	TRY(mkdir, "/tmp/dir", 0777);
	TRY(mkdir, "/tmp/dir", 0777);
	TRY(mkdir, "/tmp/dir/", 0777);
	TRY(mkdir, "/tmp/none/dir", 0777);
	TRY(mkdir, "/tmp/dir/inner/", 0700);
	TRY(mkdir, "/", 0700);
	TRY(mkdir, "/tmp/one/x", 0700);
	show_status("dir", "/tmp/dir");
	TRY(open, "/tmp/dir/file", O_WRONLY | O_CREAT, 0666);
	TRY(close, 3);
	show_status("file", "/tmp/dir/file");
	list("/tmp/dir");
	TRY(rmdir, "/tmp/dir");
	TRY(rmdir, "/tmp/dir/.");
	TRY(rmdir, "/tmp/dir/inner/..");
	TRY(rmdir, "/tmp/dir/file");
	TRY(rmdir, "/");
	TRY(unlink, "/tmp/dir");
	TRY(unlink, "/tmp/dir/file/");
	TRY(unlink, "/tmp/dir/none");
	TRY(unlinkat, AT_FDCWD, "/tmp/dir/file", 7);
	TRY(open, "/tmp/dir/file", O_RDWR);
	TRY(unlink, "/tmp/dir/file");
	TRY(write, 3, "kept", 4);
	struct stat status;
	SYS(fstat, 3, &status);
	printf("links %lu, size %ld\n", (unsigned long)status.st_nlink, (long)status.st_size);
	TRY(close, 3);
	TRY(chdir, "/tmp/dir/inner");
	TRY(getcwd, buffer, 4);
	TRY(getcwd, buffer, 100);
	printf("%s\n", buffer);
	TRY(getcwd, NOWHERE, 100);
	TRY(chdir, "/tmp/two");
	TRY(chdir, "/tmp/none");
	TRY(open, "../two", O_RDONLY);
	TRY(open, "../../two", O_RDONLY);
	TRY(close, 3);
	TRY(unlinkat, AT_FDCWD, "../inner", AT_REMOVEDIR);
	TRY(open, "file", O_WRONLY | O_CREAT, 0666);
	TRY(getcwd, buffer, 100);
	TRY(chdir, "/");
	TRY(rmdir, "/tmp/dir");
	TRY(open, "/tmp", O_RDONLY);
	TRY(getdents64, 3, buffer, 10);
	TRY(fchdir, 3);
	TRY(getcwd, buffer, 100);
	TRY(unlinkat, 3, "one", 0);
	TRY(unlinkat, 3, "two", 0);
	TRY(fchdir, 1);
	TRY(chdir, "/");
	TRY(close, 3);
	TRY(getdents64, 1, buffer, 100);
}

static void status(void)
{
	static char large[256];
	printf("case files: status\n");
	TRY(stat, "/tmp/none", buffer);
	TRY(stat, "/dev/null", NOWHERE);
	TRY(fstat, 99, buffer);
	TRY(newfstatat, AT_FDCWD, "", buffer, AT_EMPTY_PATH);
	TRY(newfstatat, 0, "", buffer, AT_EMPTY_PATH);
	TRY(newfstatat, AT_FDCWD, "", buffer, 0);
	TRY(newfstatat, AT_FDCWD, "/dev/null", buffer, 3);
	TRY(statx, 0, 0, 0, 0x7ff, 0);
	TRY(statx, AT_FDCWD, "/dev/null", 0, 0x7ff, large);
	struct statx *extended = (struct statx *)large;
	printf("mode %o, device %u:%u\n", extended->stx_mode, extended->stx_rdev_major, extended->stx_rdev_minor);
	TRY(statx, AT_FDCWD, "/dev/null", 0, 0x80000000, large);
	TRY(statx, AT_FDCWD, "/dev/null", 0x6000, 0x7ff, large);
	TRY(access, "/dev/null", R_OK | W_OK);
	TRY(access, "/dev/null", X_OK);
	TRY(access, "/dev/null", 8);
	TRY(access, "/tmp/none", F_OK);
	TRY(faccessat, AT_FDCWD, "/tmp", X_OK);
	TRY(readlink, "/dev/null", buffer, 100);
	TRY(readlink, "/tmp/none", buffer, 100);
	TRY(readlink, "/proc/self/exe", buffer, 0);
	TRY(readlink, "/proc/self/exe", buffer, 4);
	printf("%.4s\n", buffer);
	TRY(open, "/proc/self/comm", O_RDONLY);
	memset(buffer, 0, 100);
	TRY(read, 3, buffer, 3);
	TRY(read, 3, buffer + 3, 100);
	TRY(read, 3, buffer, 100);
	printf("%s", buffer);
	TRY(lseek, 3, 0, SEEK_SET);
	TRY(read, 3, buffer, 100);
	TRY(write, 3, buffer, 100);
	TRY(close, 3);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	opening();
	transfers();
	names();
	status();
	return 0;
}
