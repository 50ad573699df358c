mod numbers;

fn main() {
    println!("{}", numbers::forty() + numbers::inner::two());
}
