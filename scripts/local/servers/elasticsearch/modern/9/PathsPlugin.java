import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.elasticsearch.cluster.node.DiscoveryNodes;
import org.elasticsearch.features.NodeFeature;
import org.elasticsearch.rest.RestHandler;

/** Adds paths to Elasticsearch 9. */
public class PathsPlugin extends ModulesPlugin {
    PathsPlugin(List<RestHandler> handlers) {
        super(handlers);
    }

    @Override
    public Collection<RestHandler> getRestHandlers(
        RestHandlersServices services,
        Supplier<DiscoveryNodes> nodes,
        Predicate<NodeFeature> features) {
        return handlers;
    }
}
