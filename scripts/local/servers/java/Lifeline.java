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
            try {
                delete(folder);
            } catch (InterruptedException interrupted) {
                // Nobody interrupts this thread; it ends all the same.
            }
            Runtime.getRuntime().halt(0);
        });
        lifeline.setDaemon(true);
        lifeline.start();
    }

    private static void delete(Path folder) throws InterruptedException {
        // The server, still running, may add or remove a file meanwhile: then walking fails, or something stays.
        for (int attempt = 0; attempt < 500 && Files.exists(folder); attempt++) {
            if (attempt > 0) Thread.sleep(20);
            try (var paths = Files.walk(folder)) {
                paths.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
            } catch (IOException | UncheckedIOException changed) {
                // The next attempt sees what is there now.
            }
        }
    }
}
