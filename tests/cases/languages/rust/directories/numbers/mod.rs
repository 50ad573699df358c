pub mod inner;

pub fn forty() -> i32 {
    include_str!("forty.txt").trim().parse().unwrap()
}
