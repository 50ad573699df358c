template <int N> struct A { A<N + 1> a; };
A<0> a;

int main() {}
