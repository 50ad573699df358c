static A: [u64; 1 << 28] = [1; 1 << 28];

fn main() {
    println!("{}", A[std::env::args().count()]);
}
