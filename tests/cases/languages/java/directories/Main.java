import org.example.numbers.Forty;

public class Main {
    public static void main(String[] args) {
        System.out.println(Forty.VALUE + 2);
    }
}
