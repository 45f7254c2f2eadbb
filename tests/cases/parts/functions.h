// FUNCTIONS(what) is what(x000) what(x001) … what(xfff): 4,096 of them, each with a name of its own.
#define TO_16(what, x) \
	what(x##0) what(x##1) what(x##2) what(x##3) what(x##4) what(x##5) what(x##6) what(x##7) \
	what(x##8) what(x##9) what(x##a) what(x##b) what(x##c) what(x##d) what(x##e) what(x##f)
#define TO_256(what, x) \
	TO_16(what, x##0) TO_16(what, x##1) TO_16(what, x##2) TO_16(what, x##3) \
	TO_16(what, x##4) TO_16(what, x##5) TO_16(what, x##6) TO_16(what, x##7) \
	TO_16(what, x##8) TO_16(what, x##9) TO_16(what, x##a) TO_16(what, x##b) \
	TO_16(what, x##c) TO_16(what, x##d) TO_16(what, x##e) TO_16(what, x##f)
#define TO_4096(what, x) \
	TO_256(what, x##0) TO_256(what, x##1) TO_256(what, x##2) TO_256(what, x##3) \
	TO_256(what, x##4) TO_256(what, x##5) TO_256(what, x##6) TO_256(what, x##7) \
	TO_256(what, x##8) TO_256(what, x##9) TO_256(what, x##a) TO_256(what, x##b) \
	TO_256(what, x##c) TO_256(what, x##d) TO_256(what, x##e) TO_256(what, x##f)
#define FUNCTIONS(what) TO_4096(what, x)
