macro_rules! again {
    ($($t:tt)*) => { again!($($t)* $($t)* x) };
}

fn main() {
    again!(x);
}
