import java.util.List;
import java.util.Map;
import java.util.Set;
import org.elasticsearch.cluster.metadata.DataStream;
import org.elasticsearch.features.FeatureSpecification;
import org.elasticsearch.features.NodeFeature;
import org.elasticsearch.index.mapper.Mapper;
import org.elasticsearch.index.mapper.TextFieldMapper;
import org.elasticsearch.plugins.ActionPlugin;
import org.elasticsearch.plugins.MapperPlugin;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.rest.RestHandler;

/**
 * Stands for modules that are not published as jars: adds their paths, and what the failure store, whose code is the server's, needs of them. The
 * field type match_only_text is plain text here: only the failure store's own index has such a field.
 */
public abstract class ModulesPlugin extends Plugin implements ActionPlugin, FeatureSpecification, MapperPlugin {
    protected final List<RestHandler> handlers;

    ModulesPlugin(List<RestHandler> handlers) {
        this.handlers = handlers;
    }

    @Override
    public Set<NodeFeature> getFeatures() {
        return Set.of(DataStream.DATA_STREAM_FAILURE_STORE_FEATURE);
    }

    @Override
    public Map<String, Mapper.TypeParser> getMappers() {
        return Map.of("match_only_text", TextFieldMapper.PARSER);
    }
}
