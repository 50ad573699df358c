mod next;

fn main() {
    println!("{}", next::of(41));
}
