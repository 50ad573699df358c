template <int D, long N> struct A {
    A<D - 1, 2 * N> left;
    A<D - 1, 2 * N + 1> right;
};
template <long N> struct A<0, N> {};

A<40, 1> a;

int main() {}
