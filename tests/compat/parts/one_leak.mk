# A small project for integrations_*.sh: `make check` runs a program that leaks 10 bytes in a function
# of its own when it is built with LEAK=1.
all: app
app: app.c
	$(CC) $(CFLAGS) $(if $(LEAK),-DLEAK=$(LEAK)) -o $@ app.c
check:
	./app
