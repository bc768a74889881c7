-- Traces of fuel oil, propane, steam and chilled water, beside the fuels of the original.
ALTER TABLE consumption_metadatas
    DROP CONSTRAINT consumption_metadatas_interpretation_check,
    ADD CONSTRAINT consumption_metadatas_interpretation_check CHECK (interpretation IN (
        'E_C_S', 'E_C_T', 'E_C_N', 'E_OSG_T', 'E_OSG_C', 'E_OSG_U', 'NG_C_S', 'FO_C_S', 'P_C_S', 'S_C_S', 'CW_C_S'
    ));
