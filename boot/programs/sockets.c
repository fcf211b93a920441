/* Tries pairs of sockets, and prints it. */
#include "try.h"
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/socket.h>

static int pair[2];
static char buffer[100000];

static void refusals(void)
{
	printf("case sockets: refusals\n");
	TRY(socketpair, AF_UNIX, SOCK_STREAM, 2, pair);
	TRY(socketpair, AF_UNIX, SOCK_STREAM | 0x100, 0, pair);
	TRY(socketpair, AF_UNIX, 12, 0, pair);
	TRY(socketpair, 99, SOCK_STREAM, 0, pair);
	TRY(socketpair, AF_UNIX, SOCK_STREAM, 0, NOWHERE);
	TRY(socketpair, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 1, pair);
	printf("%d %d\n", pair[0], pair[1]);
	TRY(fcntl, pair[0], F_GETFD);
	TRY(fcntl, pair[1], F_GETFL);
	TRY(read, pair[0], buffer, 10);
	TRY(lseek, pair[0], 0, SEEK_SET);
	TRY(pread64, pair[0], buffer, 10, 0);
	TRY(ftruncate, pair[0], 0);
	TRY(recvfrom, 1, buffer, 10, 0, 0, 0);
	TRY(sendto, 99, buffer, 10, 0, 0, 0);
	TRY(shutdown, 0, 0);
	TRY(shutdown, pair[0], 3);
	TRY(sendto, pair[0], "x", 1, 0, "address", 7);
	TRY(sendto, pair[0], NOWHERE, 1, 0, 0, 0);
	struct stat status;
	fstat(pair[0], &status);
	printf("mode %o\n", status.st_mode);
	int value = -1, length = 4;
	TRY(getsockopt, pair[0], SOL_SOCKET, SO_TYPE, &value, &length);
	printf("%d %d\n", value, length);
	TRY(getsockopt, pair[0], SOL_SOCKET, SO_DOMAIN, &value, &length);
	TRY(getsockopt, pair[0], SOL_SOCKET, SO_ERROR, &value, &length);
	printf("%d %d\n", value, length);
	TRY(getsockopt, pair[0], SOL_SOCKET, 999, &value, &length);
	TRY(getsockopt, 1, SOL_SOCKET, SO_TYPE, &value, &length);
	length = -1;
	TRY(getsockopt, pair[0], SOL_SOCKET, SO_TYPE, &value, &length);
	length = 2;
	TRY(getsockopt, pair[0], SOL_SOCKET, SO_TYPE, &value, &length);
	printf("%d\n", length);
	TRY(getsockopt, pair[0], SOL_SOCKET, SO_TYPE, &value, NOWHERE);
	close(pair[0]), close(pair[1]);
}

static void show_poll(const char *text, int file)
{
	struct pollfd asked = { file, POLLIN | POLLOUT | POLLRDHUP | POLLPRI, 0 };
	poll(&asked, 1, 0);
	printf("%s: %x\n", text, asked.revents);
}

static void conversation(void)
{
	printf("case sockets: both directions\n");
	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	show_poll("fresh", pair[0]);
	TRY(write, pair[0], "from one", 8);
	TRY(sendto, pair[1], "from other", 10, MSG_NOSIGNAL, 0, 0);
	show_poll("with bytes", pair[0]);
	int waiting = 0;
	TRY(ioctl, pair[0], FIONREAD, &waiting);
	printf("%d\n", waiting);
	TRY(recvfrom, pair[0], buffer, 4, MSG_PEEK, 0, 0);
	int length = 77;
	TRY(recvfrom, pair[0], buffer, 100, 0, buffer + 200, &length);
	printf("%.10s %d\n", buffer, length);
	TRY(recvfrom, pair[0], buffer, 100, MSG_DONTWAIT, 0, 0);
	TRY(read, pair[1], buffer, 4);
	struct iovec pieces[2] = { { buffer, 2 }, { buffer + 50, 50 } };
	TRY(readv, pair[1], pieces, 2);
	TRY(read, pair[1], buffer, 0);
	TRY(write, pair[1], buffer, 0);
	TRY(recvfrom, pair[1], buffer, 10, MSG_DONTWAIT, 0, 0);
	printf("case sockets: an end that stops\n");
	signal(SIGPIPE, SIG_IGN);
	write(pair[0], "last", 4);
	TRY(shutdown, pair[0], SHUT_WR);
	show_poll("who stopped writing", pair[0]);
	show_poll("whose partner stopped writing", pair[1]);
	TRY(write, pair[0], "x", 1);
	TRY(read, pair[1], buffer, 10);
	TRY(read, pair[1], buffer, 10);
	TRY(write, pair[1], "back", 4);
	TRY(shutdown, pair[0], SHUT_RD);
	show_poll("who stopped both", pair[0]);
	show_poll("whose partner stopped both", pair[1]);
	TRY(read, pair[0], buffer, 10);
	TRY(read, pair[0], buffer, 10);
	TRY(write, pair[1], "x", 1);
	TRY(sendto, pair[1], "x", 1, MSG_NOSIGNAL, 0, 0);
	close(pair[0]), close(pair[1]);
	printf("case sockets: an end that is closed\n");
	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	write(pair[0], "left", 4);
	close(pair[0]);
	show_poll("with bytes left", pair[1]);
	TRY(read, pair[1], buffer, 10);
	TRY(read, pair[1], buffer, 10);
	TRY(write, pair[1], "x", 1);
	close(pair[1]);
	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	write(pair[1], "unread", 6);
	close(pair[0]);
	show_poll("reset", pair[1]);
	TRY(read, pair[1], buffer, 10);
	show_poll("after the reset", pair[1]);
	TRY(read, pair[1], buffer, 10);
	close(pair[1]);
}

static long total;

static void *drain(void *argument)
{
	long got;
	while ((got = read(pair[1], buffer, 7000)) > 0)
		total += got;
	return 0;
}

static void large(void)
{
	printf("case sockets: more than fits\n");
	static char much[1 << 20];
	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	pthread_t reader;
	pthread_create(&reader, 0, drain, 0);
	TRY(write, pair[0], much, sizeof much);
	TRY(shutdown, pair[0], SHUT_WR);
	pthread_join(reader, 0);
	printf("%ld bytes came\n", total);
	fcntl(pair[1], F_SETFL, O_NONBLOCK);
	long sent, all = 0;
	while ((sent = SYS(sendto, pair[1], much, sizeof much, MSG_NOSIGNAL, 0, 0)) > 0)
		all += sent;
	printf("%s: %s\n", all >= 65536 ? "enough" : "little", strerrorname_np(-sent));
	show_poll("full", pair[1]);
	close(pair[0]), close(pair[1]);
}

static void edges(void)
{
	printf("case sockets: edges\n");
	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	int set = epoll_create1(0);
	struct epoll_event event = { EPOLLIN | EPOLLRDHUP | EPOLLET };
	epoll_ctl(set, EPOLL_CTL_ADD, pair[0], &event);
	TRY(epoll_wait, set, &event, 1, 0);
	write(pair[1], "a", 1);
	TRY(epoll_wait, set, &event, 1, 0);
	TRY(epoll_wait, set, &event, 1, 0);
	write(pair[1], "b", 1);
	TRY(epoll_wait, set, &event, 1, 0);
	shutdown(pair[1], SHUT_WR);
	TRY(epoll_wait, set, &event, 1, 0);
	printf("%x\n", event.events);
	TRY(epoll_wait, set, &event, 1, 0);
	close(pair[0]), close(pair[1]), close(set);
}

int main(void)
{
	refusals();
	conversation();
	large();
	edges();
	return 0;
}
