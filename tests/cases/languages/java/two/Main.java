import other.Next;

public class Main {
    public static void main(String[] args) {
        System.out.println(Next.of(41));
    }
}
