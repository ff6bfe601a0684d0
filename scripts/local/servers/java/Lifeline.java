import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/**
 * Standard input is the lifeline of a server: when it closes, the process that started the server is gone, so the server deletes its folder
 * and ends; with -Dkeep=true it ends in order and keeps the folder.
 */
final class Lifeline {
    private Lifeline() {}

    static void hold(Path folder) {
        Thread lifeline = new Thread(() -> {
            try {
                while (System.in.read() != -1) {}
            } catch (IOException closed) {
                // As good as the end of the stream.
            }
            if (Boolean.getBoolean("keep")) {
                System.exit(0);
            }
            delete(folder);
            Runtime.getRuntime().halt(0);
        });
        lifeline.setDaemon(true);
        lifeline.start();
    }

    private static void delete(Path folder) {
        // Walking fails when the server, still running, adds or removes a file meanwhile.
        for (int attempt = 0; attempt < 100 && Files.exists(folder); attempt++) {
            try (var paths = Files.walk(folder)) {
                paths.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
            } catch (IOException | UncheckedIOException changed) {
                continue;
            }
        }
    }
}
