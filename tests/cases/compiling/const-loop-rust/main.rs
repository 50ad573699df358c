const N: u64 = {
    let mut n = 0u64;
    loop {
        n = n.wrapping_add(1);
        if n == 0 {
            break n;
        }
    }
};

fn main() {
    println!("{}", N);
}
